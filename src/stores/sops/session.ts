import { realpath } from "node:fs/promises";
import { ZodError } from "zod";
import { shared } from "../../async/once.ts";
import { ProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import { directoryFor } from "../file/directory.ts";
import { readFileBelow } from "../file/read-file.ts";
import { searchFiles } from "../file/search.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import { readDocument, type SealedDocument } from "./document/document.ts";
import type { WrappedKey } from "./document/metadata.ts";
import { plaintextOf } from "./document/plaintext.ts";
import { documentError } from "./errors.ts";
import { type AgeKeys, openByAge, readAgeKeys } from "./keys/age.ts";
import { isAsked, type KeyServices } from "./keys/services.ts";
import { dataKeyOf } from "./keys/unlock.ts";
import { documentOf, nameOfSops } from "./ref.ts";
import type { FileDocumentRef, SopsRef, SopsSearch, SopsSettings } from "./types.ts";

/** Everything that sessions need besides the request. */
export interface SessionParts {
  readonly services: KeyServices;
  /** Where the settings name none. */
  readonly ageKeyFiles: readonly string[];
}

/** A session on the documents of one identity; there is nothing to log in to. */
export function openSopsSession(request: OpenRequest<SopsSettings>, parts: SessionParts): Session<SopsRef, SopsSearch> {
  const session = new SopsSession(request, parts);
  return { read: (ref, context) => session.read(ref, context), close: async () => undefined };
}

class SopsSession {
  readonly #request: OpenRequest<SopsSettings>;
  readonly #parts: SessionParts;
  readonly #root: () => Promise<string>;

  constructor(request: OpenRequest<SopsSettings>, parts: SessionParts) {
    this.#request = request;
    this.#parts = parts;
    this.#root = shared(() => rootOf(request));
  }

  async read(ref: SopsRef | SopsSearch, context: CallContext): Promise<Secret> {
    const what = "name" in ref ? `the document ${ref.name}` : nameOfSops(ref);
    const started = async () => {
      context.count("read");
      if ("prefix" in ref) return await searchFiles(this.#root, ref);
      try {
        const document = "name" in ref ? await this.#fromFile(ref) : documentOf(ref);
        const key = await this.#keyOf(document, context);
        return { value: new Redacted(plaintextOf(document, key)) };
      } catch (thrown) {
        throw documentError(thrown, what);
      }
    };
    return await inTime(started, context.signal, what);
  }

  async #fromFile({ name, format }: FileDocumentRef): Promise<SealedDocument> {
    return readDocument(await readFileBelow(this.#root, name), format);
  }

  /** The data key: by an age key of the node, or from the key service that the document names, as the pod. */
  async #keyOf({ metadata }: SealedDocument, context: CallContext): Promise<Uint8Array> {
    const { settings, identity } = this.#request;
    const files = settings.ageKeyFiles ?? this.#parts.ageKeyFiles;
    const keys = shared(() => readAgeKeys(files, identity));
    return await dataKeyOf(metadata, async (key) => {
      if (key.by === "age") return await byAge(key, await keys());
      return await this.#byService(key, context);
    });
  }

  async #byService(key: WrappedKey, { ask }: CallContext): Promise<Uint8Array> {
    if (!isAsked(key, this.#request.settings)) throw notAsked(key);
    if (ask === undefined) throw new TypeError("nobody asks other stores here");
    return (await ask(this.#sourceOf(key))).value.reveal();
  }

  #sourceOf(key: Parameters<KeyServices["sourceOf"]>[0]) {
    try {
      return this.#parts.services.sourceOf(key, this.#request.settings);
    } catch (thrown) {
      if (!(thrown instanceof ZodError)) throw thrown;
      const [issue] = thrown.issues;
      throw new ProviderError("LK0020", `${keyInWords(key)} cannot be asked: ${issue?.message ?? "it is not clear"}`, {
        fix: "check the settings of the store, and the key that the document names",
      });
    }
  }
}

async function byAge(key: Extract<WrappedKey, { by: "age" }>, keys: AgeKeys): Promise<Uint8Array> {
  const opened = await openByAge(key.wrapped, keys);
  if (opened !== undefined) return opened;
  const [foreign] = keys.foreign;
  const have = keys.identities.length === 0 ? "this pod has no age key on the node" : "no age key of this pod fits";
  throw new ProviderError("LK0033", `${have}: the document is for ${keyInWords(key)}`, {
    fix:
      foreign === undefined
        ? `have the operator add the identity of ${key.recipient} to the key file (--sops-age-key-file, or ageKeyFiles of a profile), or encrypt the document for a key that the node has`
        : `have the operator correct the key file: it has ${foreign}, and Latchkey reads identities of X25519 and the hybrid of ML-KEM-768 and X25519`,
  });
}

/** A key in words, without what is wrapped by it. */
function keyInWords(key: WrappedKey): string {
  switch (key.by) {
    case "age":
      return `the age recipient ${shown(key.recipient)}`;
    case "aws":
      return `the AWS KMS key ${shown(key.arn)}`;
    case "gcp":
      return `the Google Cloud KMS key ${shown(key.resource)}`;
    case "azure":
      return `the key ${shown(key.name)} in ${shown(key.vaultUrl)}`;
    case "transit":
      return `the transit key ${shown(`${key.mount}/${key.name}`)} at ${shown(key.address)}`;
    case "hckms":
      return `the Huawei Cloud KMS key ${shown(key.keyId)}`;
    case "pgp":
      return `the PGP key ${shown(key.fingerprint)}`;
  }
}

/** A post-quantum recipient has two thousand characters. */
function shown(text: string): string {
  return text.length <= 128 ? text : `${text.slice(0, 40)}...`;
}

function notAsked(key: WrappedKey): ProviderError {
  if (key.by === "pgp" || key.by === "hckms") {
    return new ProviderError("LK0004", `the document is for ${keyInWords(key)}, and Latchkey does not use such keys`, {
      fix: "add a key that it uses, of age, AWS, Google Cloud, Azure or Vault: sops rotate --in-place --add-age <recipient>",
    });
  }
  const name = key.by === "transit" ? "vault" : key.by;
  return new ProviderError("LK0020", `the store says nothing of ${keyInWords(key)}`, {
    fix: `add \`${name}\` to the store: how the pod logs in there`,
  });
}

async function rootOf({ settings: { directory }, identity }: OpenRequest<SopsSettings>): Promise<string> {
  if (directory !== undefined) return await realpath(directoryFor(directory, identity));
  throw new ProviderError("LK0020", "the store has no directory of documents", {
    fix: "write the document into `ciphertext`, or name an operator's profile that has a directory",
  });
}
