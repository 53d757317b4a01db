import type { ToNative } from "../../../src/stores/to-native.ts";
import type { ShelfRef, ShelfSettings } from "./index.ts";

/** How shelves are written in the native dialect. */
export const shelfToNative: ToNative<ShelfSettings, ShelfRef> = {
  store: ({ room }) => ({ fields: { kind: "shelf", room }, notes: [] }),
  ref: ({ name, layer }) => ({ name, layer }),
};
