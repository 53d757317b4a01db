import { option, optional } from "../../../src/config/option.ts";
import { integer, text } from "../../../src/config/values.ts";
import type { StoreDefinition, StoreFamily } from "../../../src/stores/definition.ts";
import type { StoreHost } from "../../../src/stores/host.ts";
import { nameWord } from "../../../src/stores/words.ts";

const family: StoreFamily<StoreHost> = {
  name: "shelves",
  options: {
    shelfRoom: { ...optional(text, "room of the shelves that SecretProviderClasses name"), shapesPlans: true },
    shelfReach: option(integer(1, 9), 3, "highest shelf that is reached"),
  },
  judged: [{ option: "shelfRoom", kind: "shelf", field: "room" }],
  open: (host) => host,
};

/** Secrets that lie on shelves: each is its own name, with the shelf in front. */
export const shelf = {
  kind: "shelf",
  family,
  words: {
    settings: [{ name: "room", about: "Room of the shelf." }],
    refs: [nameWord, { name: "layer", about: "How deep it lies." }],
    find: [{ name: "colour", about: "Colour that secrets must have." }],
  },
  mostAtOnce: () => 5,
  toNative: async () => (await import("./to-native.ts")).shelfToNative,
  load: async (host) => (await import("./index.ts")).createShelf(host),
} as const satisfies StoreDefinition<StoreHost>;
