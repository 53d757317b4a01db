import { hash } from "node:crypto";
import type { ZodType } from "zod";
import * as z from "zod";
import { FormatError } from "../../formats/format-error.ts";
import { nameProblem } from "../file/ref.ts";
import { fileSearch } from "../file/search.ts";
import type { Search } from "../store.ts";
import { documentFormats, formatOfName, NotEncrypted, readDocument, type SealedDocument } from "./document/document.ts";
import { notEncryptedFix } from "./errors.ts";
import type { FileDocumentRef, InlineRef, SopsRef, SopsSearch } from "./types.ts";

/** More does not fit into an object of Kubernetes. */
const longest = 1024 * 1024;

/** A ref as the native dialect writes it: `ciphertext` is the document, `name` a path below the directory. */
export const sopsRef: ZodType<SopsRef> = z
  .strictObject({
    ciphertext: z.string().max(longest, "must be 1 MiB at most").optional(),
    name: z.string().optional(),
    format: z.enum(documentFormats).optional(),
  })
  .transform(({ ciphertext, name, format }, context): SopsRef => {
    const complain = (path: string[], message: string, fix?: string) => {
      context.addIssue({ code: "custom", path, message, ...(fix === undefined ? {} : { params: { fix } }) });
      return z.NEVER;
    };
    if (ciphertext === undefined && name === undefined) {
      return complain(
        ["ciphertext"],
        "is missing: write the encrypted document, or its name below a profile's directory",
      );
    }
    if (ciphertext !== undefined && name !== undefined) return complain(["ciphertext"], "excludes name");
    if (name !== undefined) {
      const problem = nameProblem(name);
      if (problem !== undefined) return complain(["name"], problem);
      return { name, format: format ?? formatOfName(name) };
    }
    try {
      const document = readDocument(Buffer.from(ciphertext ?? "", "utf8"), format);
      const ref = { ciphertext: ciphertext ?? "", format: document.format };
      documents.set(ref, document);
      return ref;
    } catch (thrown) {
      if (thrown instanceof NotEncrypted) {
        return complain(["ciphertext"], "is not encrypted by SOPS: it is plain text", notEncryptedFix);
      }
      if (!(thrown instanceof FormatError)) throw thrown;
      return complain(["ciphertext"], `is no document of SOPS: ${thrown.message}`);
    }
  });

/** The documents of refs: a plan is kept, and its documents need be read once only. */
const documents = new WeakMap<InlineRef, SealedDocument>();

/** Returns the document of a ref that brings it. */
export function documentOf(ref: InlineRef): SealedDocument {
  const known = documents.get(ref) ?? readDocument(Buffer.from(ref.ciphertext, "utf8"), ref.format);
  documents.set(ref, known);
  return known;
}

/** The ref for people: a name, or a fingerprint of the text. */
export function nameOfSops(ref: SopsRef | SopsSearch): string {
  if ("prefix" in ref) return ref.prefix === "" ? "all documents" : `documents below ${ref.prefix}`;
  return "name" in ref ? ref.name : `ciphertext ${fingerprintOf(ref)}`;
}

function fingerprintOf({ ciphertext }: InlineRef): string {
  return hash("sha256", ciphertext, "hex").slice(0, 12);
}

/** How a directory of documents is searched: by the beginnings of relative paths. */
export const sopsSearch: Search<SopsRef, SopsSearch> = {
  ...fileSearch,
  refOf: (query, found): FileDocumentRef => {
    const { name } = fileSearch.refOf(query, found);
    return { name, format: formatOfName(name) };
  },
};
