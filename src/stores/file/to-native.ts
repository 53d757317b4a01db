import type { ToNative } from "../to-native.ts";
import type { FileRef, FileSettings } from "./types.ts";

/** How files are written in the native dialect: by a profile that the operator has to add, for a pod author may not name a directory. */
export const fileToNative: ToNative<FileSettings, FileRef> = {
  store: ({ directory }) => ({
    fields: { profile: "files" },
    notes: [
      `only an operator's profile may name a directory; have it added to the file of --config, as \`profiles: { files: ${JSON.stringify({ kind: "file", directory })} }\``,
    ],
  }),
  ref: ({ name }) => ({ name }),
};
