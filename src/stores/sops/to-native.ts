import type { ToNative } from "../to-native.ts";
import type { SopsRef, SopsSettings } from "./types.ts";

/** How documents are written in the native dialect. */
export const sopsToNative: ToNative<SopsSettings, SopsRef> = {
  store: ({ services, directory }) => ({
    fields: { kind: "sops", ...services },
    notes: directory === undefined ? [] : ["only an operator's profile may name a directory of documents"],
  }),
  ref: (ref) => ({ ...ref }),
};
