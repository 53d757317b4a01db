import { optional } from "../../../src/config/option.ts";
import { text } from "../../../src/config/values.ts";
import { valuesOf } from "../../../src/config/values-of.ts";
import type { DialectDefinition } from "../../../src/dialects/definition.ts";
import { commonWords } from "../../../src/dialects/words.ts";
import type { OperatorShelves } from "./shelves-dialect.ts";

const options = { shelvesUsual: { ...optional(text, "room if nobody names one"), shapesPlans: true as const } };

/** `provider: shelves`. */
export const shelves = {
  name: "shelves",
  peer: { product: "Shelves", flags: [{ name: "dust", flags: [], answer: "leave it out: nothing gathers dust here" }] },
  options,
  words: {
    parameters: [
      { name: "items", about: "YAML list of secrets." },
      { name: "room", about: "Room of the shelf." },
      ...commonWords,
    ],
    list: "items",
    fields: [
      { name: "item", about: "Name of the secret." },
      { name: "file", about: "Name of the file." },
    ],
    required: ["item"],
    inner: new Map(),
    anyCase: false,
    prefixes: [],
  },
  audiences: '"shelves"',
  ignored: [{ variable: "SHELVES_DUST", reason: "nothing gathers dust here" }],
  operator: (config) => ({ room: valuesOf(options, config).shelvesUsual }),
  load: async () => (await import("./shelves-dialect.ts")).shelvesDialect,
  judging: async () => ({}),
} as const satisfies DialectDefinition<OperatorShelves>;
