import type { ZodType } from "zod";
import * as z from "zod";
import { writeGoJson } from "../../formats/go-json.ts";
import { unclearPath } from "../../formats/plain-path.ts";
import type { Store } from "../store.ts";
import type { VaultRef, VaultSearch, VaultSettings } from "./types.ts";

const part = z
  .string()
  .transform((text) => text.replace(/^\/+|\/+$/g, ""))
  .refine((text) => text !== "" && text.length <= 512 && unclearPath(text) === undefined, "must be a plain path");

/** A wrapped key, as the engine that wrapped it takes it; or one to wrap, in base64. */
const transitRef: ZodType<VaultRef> = z
  .strictObject({
    mount: part,
    key: part,
    ciphertext: z
      .string()
      .regex(/^[\x21-\x7e]{1,8192}$/, "must be what the engine gave")
      .optional(),
    plaintext: z.base64().max(8_192).optional(),
  })
  .refine(({ ciphertext, plaintext }) => (ciphertext === undefined) !== (plaintext === undefined), "must have one text")
  .transform(({ mount, key, ciphertext, plaintext }) => {
    const transit = ciphertext === undefined ? "encrypt" : "decrypt";
    const body = new Map([ciphertext === undefined ? ["plaintext", plaintext ?? ""] : ["ciphertext", ciphertext]]);
    return { method: "PUT", path: `/v1/${mount}/${transit}/${key}`, query: "", body: writeGoJson(body), transit };
  });

/** Unwraps keys by the transit engine, with the sessions of the vault store. */
export function createTransitService(vault: Store): Store<VaultSettings, VaultRef, VaultSearch> {
  const store = vault as Store<VaultSettings, VaultRef, VaultSearch>;
  return {
    ...store,
    kind: "vault-transit",
    ref: transitRef,
    nameOf: (ref) => ("prefix" in ref ? ref.prefix : ref.path.slice("/v1/".length)),
  };
}
