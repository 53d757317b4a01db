/** A point in time as its document writes it, in the form of RFC 3339. */
export class Timestamp {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value of a document that is no container. Integers are whole, numbers are floats. */
export type Leaf = string | bigint | number | boolean | null | Timestamp;

/** Any value of a document. */
export type Tree = Leaf | readonly Tree[] | TreeMap;

/** A map whose entries keep the order of the document, which the document's seal covers. */
export class TreeMap {
  readonly entries: readonly (readonly [key: string, value: Tree])[];

  constructor(entries: readonly (readonly [key: string, value: Tree])[]) {
    this.entries = entries;
  }

  /** Returns the value of a key. */
  get(key: string): Tree | undefined {
    return this.entries.find(([name]) => name === key)?.[1];
  }

  /** Returns the map without the keys that fit. */
  without(fits: (key: string) => boolean): TreeMap {
    return new TreeMap(this.entries.filter(([key]) => !fits(key)));
  }
}

/** Narrows to a list; `Array.isArray` alone does not narrow readonly arrays. */
export function isTreeList(tree: Tree | undefined): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** A comment that may be encrypted, with the paths that it may belong to. */
export interface TreeComment {
  readonly text: string;
  readonly paths: readonly (readonly string[])[];
}

/** The content of a file before its metadata is told apart: a map for each document in it. */
export interface ReadFile {
  readonly branches: readonly TreeMap[];
  readonly comments: readonly TreeComment[];
}
