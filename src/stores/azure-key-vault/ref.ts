import type { ZodType } from "zod";
import * as z from "zod";
import type { AzureObjectType, AzureRef } from "../azure/types.ts";

/** https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers */
export const objectNameForm = /^[0-9A-Za-z-]{1,127}$/;

/** A version is made by the vault; it becomes part of a path. */
export const versionForm = /^[0-9A-Za-z-]{1,64}$/;

/** The types of objects, as refs name them. */
export const objectTypes = ["secret", "key", "certificate"] as const satisfies readonly AzureObjectType[];

/** More versions are never asked for: a vault lists them page by page. */
export const mostBack = 999;

/** A ref as the native dialect writes it. `version: previous` is the enabled version before the newest. */
export const azureRef: ZodType<AzureRef> = z
  .strictObject({
    name: z.string().regex(objectNameForm, "must be 1 to 127 letters, digits and -"),
    type: z.enum(objectTypes).optional(),
    version: z.string().regex(versionForm, "must be a version of the vault, or previous").optional(),
    back: z.number().int().min(0).max(mostBack).optional(),
  })
  .superRefine(({ version, back }, context) => {
    if (version !== "previous" || back === undefined) return;
    context.addIssue({ code: "custom", path: ["back"], message: "excludes version: previous" });
  })
  .transform(({ name, type = "secret", version, back }) => {
    if (version === "previous") return { type, name, back: 1 };
    if (back !== undefined) return { type, name, back, ...(version === undefined ? {} : { since: version }) };
    return { type, name, ...(version === undefined ? {} : { version }) };
  });

/** The ref for people. */
export function nameOfObject({ type, name, version, back, since }: AzureRef): string {
  const what = type === "secret" ? name : `${type} ${name}`;
  if (version !== undefined) return `${what}, version ${version}`;
  if (back === undefined) return what;
  const from = since === undefined ? "the newest version" : `version ${since}`;
  return back === 0 ? `${what}, ${from}` : `${what}, ${back} before ${from}`;
}
