import type { DialectDefinition } from "../definition.ts";
import { nativeName } from "./name.ts";
import { nativeWords } from "./words.ts";

/** `provider: latchkey`. */
export const native = {
  name: nativeName,
  options: {},
  words: nativeWords,
  audiences: "those of the stores that its SecretProviderClasses name (`latchkey plan` prints them)",
  ignored: [],
  operator: () => undefined,
  load: async () => (await import("./native-dialect.ts")).nativeDialect,
  judging: async () => (await import("./judging.ts")).nativeJudging,
} as const satisfies DialectDefinition;
