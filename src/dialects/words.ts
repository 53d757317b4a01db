import type { Word } from "../stores/words.ts";

export type { Word };

/** Everything that the SecretProviderClasses of a dialect may have. */
export interface DialectWords {
  readonly parameters: readonly Word[];
  /** The parameter that lists secrets. */
  readonly list: string;
  /** It is a map, and the list stands under this name in it, each entry a text of YAML. */
  readonly wrapper?: string;
  /** Of an entry of that list. */
  readonly fields: readonly Word[];
  /** The fields that every entry has. */
  readonly required: readonly string[];
  /** Of maps inside an entry, by the field that holds them. */
  readonly inner: ReadonlyMap<string, InnerWords>;
  /** Whether upper and lower case of field names are one, as in Go's JSON. */
  readonly anyCase: boolean;
  /** Beginnings of parameters' names: names that differ in that alone mean the same. */
  readonly prefixes: readonly string[];
  /** Its places with words, if they are not those of parameters, of entries and of maps inside. */
  readonly places?: readonly WordPlace[];
}

/** The words of a map inside an entry. */
interface InnerWords {
  readonly words: readonly Word[];
  /** The field holds a list of such maps. */
  readonly isList: boolean;
}

/** A place of a SecretProviderClass that has words of its own. */
export interface WordPlace {
  /** `parameter`, or what its words are fields of. */
  readonly kind: string;
  /** Where that is, behind "write it". */
  readonly where: string;
  readonly words: readonly string[];
}

/** The parameters that every dialect has. */
export const commonWords: readonly Word[] = [
  {
    name: "notBefore",
    about: "Latchkey's own: values fetched before this time (RFC 3339) are fetched again.",
  },
  { name: "spread", about: "Latchkey's own: window over which pods take a new value, each at a time of its own: 30m." },
  { name: "canary", about: "Latchkey's own: share of pods that take a new value at once, before all others: 5%." },
  { name: "canaryHold", about: "Latchkey's own: how long all other pods wait behind the canary: 10m." },
];

/** A switch that is text, as the providers read it. */
export const booleanText = { enum: ["true", "false"] };

/** Returns the places of a dialect's words. */
export function placesOf({ parameters, list, fields, inner, places }: DialectWords): readonly WordPlace[] {
  if (places !== undefined) return places;
  const own = namesOf(fields);
  const inside = [...inner].map(([field, { words }]): WordPlace => {
    const names = namesOf(words).filter((name) => !own.includes(name));
    return { kind: field, where: `in ${field}, in an entry of ${list}`, words: names };
  });
  return [
    { kind: "parameter", where: `beside ${list}, as a parameter`, words: namesOf(parameters) },
    { kind: list, where: `in an entry of ${list}`, words: own },
    ...inside,
  ];
}

/** Returns the names of the words that are read. */
export function namesOf(words: readonly Word[]): readonly string[] {
  return words.filter(({ ignored }) => ignored === undefined).map(({ name }) => name);
}
