/** A word that authors write: a parameter, or a field of a map. */
export interface Word {
  readonly name: string;
  /** Its description, for editors and documentation. */
  readonly about: string;
  /** JSON Schema of the value; text if it is left out. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** It is passed over: the instruction on what to write instead. */
  readonly ignored?: string;
}

/**
 * The descriptions of the fields of a store in the native dialect. The values that they may hold are in the store's own
 * schemas, except those that the schemas check in code alone.
 */
export interface StoreWords {
  /** Of its settings. */
  readonly settings: readonly Word[];
  /** Of its refs, `name` among them. */
  readonly refs: readonly Word[];
  /** Of its searches. */
  readonly find: readonly Word[];
}

/** The field of every ref. */
export const nameWord: Word = { name: "name", about: "Name of the secret, in the store's own terms." };

/** The field that a search by the beginnings of names has. */
export const prefixWord: Word = {
  name: "prefix",
  about: "Prefix of the names; files and templates use the rest of each name: prod/features/.",
};
