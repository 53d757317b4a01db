import type { StoreDefinition, StoreFamily } from "../definition.ts";
import type { StoreHost } from "../host.ts";
import { nameWord, prefixWord } from "../words.ts";

const family: StoreFamily<StoreHost> = { name: "file", options: {}, open: (host) => host };

/** Files that the operator keeps on the node. */
export const file = {
  kind: "file",
  family,
  words: { settings: [], refs: [nameWord], find: [prefixWord] },
  isOperatorsOnly: true,
  mostAtOnce: () => 1,
  toNative: async () => (await import("./to-native.ts")).fileToNative,
  load: async (host) => (await import("./index.ts")).createFileStore(host),
} as const satisfies StoreDefinition<StoreHost>;
