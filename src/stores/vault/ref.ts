import { type ZodType, z } from "zod";
import { ProviderError } from "../../errors.ts";
import { parseApiPath } from "./api-path.ts";
import type { VaultRef } from "./types.ts";

/** A ref as the native dialect writes it: `name` is the API path, such as `secret/data/shop/db`. */
export const vaultRef: ZodType<VaultRef> = z.strictObject({ name: z.string() }).transform(({ name }, context) => {
  try {
    return { method: "GET", ...parseApiPath(name) };
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    context.addIssue({ code: "custom", path: ["name"], message: `${thrown.message}: ${thrown.details.fix}` });
    return z.NEVER;
  }
});

/** The ref as it was meant: the API path without its version. */
export function nameOfVaultRef({ path, query }: VaultRef): string {
  return `${path.slice("/v1/".length)}${query === "" ? "" : `?${query}`}`;
}
