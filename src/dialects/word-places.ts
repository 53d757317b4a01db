import { nearest } from "../nearest.ts";
import { quoted } from "../plan/problems.ts";
import { dialectDefinitions, isDialect } from "./index.ts";
import { nativeName } from "./native/name.ts";
import { otherProviders } from "./other-providers.ts";
import { placesOf, type WordPlace } from "./words.ts";

/** A place of a provider's SecretProviderClasses that has words of its own. */
interface Level extends WordPlace {
  readonly provider: string;
  /** Whether upper and lower case of the words are one. */
  readonly anyCase: boolean;
}

const levels: readonly Level[] = [
  ...dialectDefinitions.flatMap(({ name: provider, words }) =>
    placesOf(words).map((place) => {
      return { ...place, provider, anyCase: words.anyCase && place.kind !== "parameter" };
    }),
  ),
  ...otherProviders.flatMap(({ name: provider, places = [] }) =>
    isDialect(provider) ? [] : places.map((place) => ({ ...place, provider, anyCase: false })),
  ),
];

/**
 * Returns the fix for a word that is unknown in its place: the place in the same dialect that it belongs to, the
 * dialect that has it, or the nearest known word. `kind` is `parameter`, or what the fields beside it are fields of.
 */
export function fixForWord(
  word: string,
  { provider, kind, known }: { readonly provider: string; readonly kind: string; readonly known: readonly string[] },
): string | undefined {
  if (kind === "parameter" && ["secretObjects", "provider", "parameters"].includes(word)) {
    return "write it in spec, beside parameters";
  }
  const close = nearest(word, known);
  if (close?.toLowerCase() === word.toLowerCase()) return `did you mean ${quoted(close)}?`;
  const own = levels.filter((level) => level.provider === provider && has(level, word));
  if (own.length > 0 && close === undefined) return `write it ${listed(own.map(({ where }) => where))}`;
  const foreign = own.length > 0 ? undefined : fixForForeign(word, provider, kind, known);
  return foreign ?? (close === undefined ? undefined : `did you mean ${quoted(close)}?`);
}

function has({ anyCase, words }: Level, word: string): boolean {
  return words.some((each) => each === word || (anyCase && each.toLowerCase() === word.toLowerCase()));
}

function fixForForeign(word: string, provider: string, kind: string, known: readonly string[]): string | undefined {
  const isParameter = kind === "parameter";
  const others = levels.filter(
    (level) => level.provider !== provider && (level.kind === "parameter") === isParameter && has(level, word),
  );
  // The fields of the native dialect are words of every day.
  const foreign = isParameter ? others : others.filter((level) => level.provider !== nativeName);
  const [first] = foreign;
  if (first === undefined) return undefined;
  const providers = listed([...new Set(foreign.map((level) => level.provider))]);
  const what = isParameter ? "a parameter" : `a field of ${first.kind}`;
  return `it is ${what} of provider ${providers}: ${cure(word, provider, foreign, known)}`;
}

function cure(word: string, provider: string, foreign: readonly Level[], known: readonly string[]): string {
  const same = sameElsewhere(word).find((name) => known.includes(name));
  if (same !== undefined) return `write ${quoted(same)}`;
  if (provider === nativeName && foreign.some((level) => isDialect(level.provider))) {
    return "correct the provider, or have `latchkey convert` write the native form";
  }
  return "remove it, or correct the provider";
}

/** Names that mean what a parameter with the prefix of a dialect does: with another prefix, or with none. */
function sameElsewhere(word: string): readonly string[] {
  const prefixes = new Set(dialectDefinitions.flatMap(({ words }) => words.prefixes));
  return [...prefixes].flatMap((prefix) => {
    const end = word.slice(prefix.length);
    if (!word.startsWith(prefix) || !/^[A-Z]/.test(end)) return [];
    return [...[...prefixes].map((other) => `${other}${end}`), end.slice(0, 1).toLowerCase() + end.slice(1)];
  });
}

function listed(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}
