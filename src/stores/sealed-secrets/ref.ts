import type { ZodType } from "zod";
import * as z from "zod";
import { nameProblem } from "../file/ref.ts";
import { fileSearch } from "../file/search.ts";
import type { Search } from "../store.ts";
import type { SealedRef, SealedSearch } from "./types.ts";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
const objectName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
const dataKey = /^[A-Za-z0-9._-]{1,253}$/;

const sealedForm = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** The most values of one SealedSecret: opening each takes milliseconds. */
const mostValues = 256;

/** Encrypted values by key, sorted; undefined for anything else. */
const encryptedData = z.unknown().transform((value, context) => {
  const members = value instanceof Map ? [...value] : Object.entries(isFields(value) ? value : {});
  const complain = (path: (string | number)[], message: string) => {
    context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  };
  if (members.length === 0) return complain([], "must be a map from keys to encrypted values");
  if (members.length > mostValues) return complain([], `must have at most ${mostValues} values`);
  const entries = members.map(([key, sealed]) => [String(key), sealed] as const);
  for (const [key, sealed] of entries) {
    if (!dataKey.test(key)) return complain([key], "is not a key that a Secret can have");
    if (typeof sealed !== "string" || !sealedForm.test(sealed))
      return complain([key], "is not encrypted by kubeseal: it must be base64");
  }
  return entries
    .map(([key, sealed]) => [key, String(sealed).replace(/\s+/g, "")] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
});

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A ref as the native dialect writes it: `name` is of the SealedSecret, or without `encryptedData` a path below the directory. */
export const sealedRef: ZodType<SealedRef> = z
  .strictObject({
    name: z.string(),
    encryptedData: encryptedData.optional(),
    scope: z.enum(["strict", "namespace-wide", "cluster-wide"]).optional(),
  })
  .transform(({ name, encryptedData: data, scope }, context): SealedRef => {
    const complain = (path: string, message: string) => {
      context.addIssue({ code: "custom", path: [path], message });
      return z.NEVER;
    };
    if (data === undefined) {
      const problem = nameProblem(name);
      if (problem !== undefined) return complain("name", problem);
      return scope === undefined ? { name } : complain("scope", "is in the manifest that the name leads to");
    }
    if (!objectName.test(name)) return complain("name", "must be the name of the SealedSecret");
    return { name, scope: scope ?? "strict", encryptedData: data };
  });

/** The ref for people. */
export function nameOfSealed(ref: SealedRef | SealedSearch): string {
  if (!("prefix" in ref)) return ref.name;
  return ref.prefix === "" ? "all SealedSecrets" : `SealedSecrets below ${ref.prefix}`;
}

/** How a directory of manifests is searched: by the beginnings of relative paths. */
export const sealedSearch: Search<SealedRef, SealedSearch> = fileSearch;
