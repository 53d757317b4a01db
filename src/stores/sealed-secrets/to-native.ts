import type { ToNative } from "../to-native.ts";
import type { SealedRef, SealedSettings } from "./types.ts";

/** How SealedSecrets are written in the native dialect. */
export const sealedToNative: ToNative<SealedSettings, SealedRef> = {
  store: ({ directory }) => ({
    fields: { kind: "sealed-secrets" },
    notes: directory === undefined ? [] : ["only an operator's profile may name a directory of SealedSecrets"],
  }),
  ref: (ref) =>
    "encryptedData" in ref
      ? { name: ref.name, scope: ref.scope, encryptedData: Object.fromEntries(ref.encryptedData) }
      : { name: ref.name },
};
