import { createHash, timingSafeEqual } from "node:crypto";
import { FormatError } from "../../../formats/format-error.ts";
import { BytesValue, CommentValue, looksEncrypted, type Opened, openLeaf, openValue } from "./cipher.ts";
import { fixedPoint } from "./fixed-point.ts";
import type { Metadata } from "./metadata.ts";
import { type IsEncrypted, judgeOf } from "./rules.ts";
import { type Leaf, Timestamp, type Tree, type TreeComment, TreeMap } from "./tree.ts";

/** A document's values after their encryption is opened; bytes that are no text stay bytes. */
export type OpenTree = Leaf | BytesValue | readonly OpenTree[] | ReadonlyMap<string, OpenTree>;

/** Goes first into the seal of a document whose seal covers only what is encrypted, so that the two cannot be mixed up. */
const onlyEncrypted = Buffer.from("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69", "hex");

/** Opens all values of a document and checks its seal over them. Throws `FormatError`: no text quotes a value. */
export function openTrees(
  { branches, comments }: { readonly branches: readonly TreeMap[]; readonly comments: readonly TreeComment[] },
  metadata: Metadata,
  key: Uint8Array,
): readonly ReadonlyMap<string, OpenTree>[] {
  const walk = new Walk(metadata, key);
  const opened = branches.map((branch) => walk.map(branch, []));
  walk.check();
  checkComments(comments, key);
  return opened;
}

class Walk {
  readonly #metadata: Metadata;
  readonly #key: Uint8Array;
  readonly #isEncrypted: IsEncrypted;
  readonly #hash = createHash("sha512");

  constructor(metadata: Metadata, key: Uint8Array) {
    this.#metadata = metadata;
    this.#key = key;
    this.#isEncrypted = judgeOf(metadata.rule);
    if (metadata.macOnlyEncrypted) this.#hash.update(onlyEncrypted);
  }

  map(tree: TreeMap, path: readonly string[]): ReadonlyMap<string, OpenTree> {
    const opened = new Map<string, OpenTree>();
    for (const [key, value] of tree.entries) {
      if (opened.has(key)) throw new FormatError(`the key ${placeOf([...path, key])} is there twice`);
      const inside = this.#value(value, [...path, key]);
      if (!(inside instanceof CommentValue)) opened.set(key, inside);
    }
    return opened;
  }

  /** Compares the seal of all values with the one that the document brings. */
  check(): void {
    const { mac, lastModified } = this.#metadata;
    const own = this.#hash.digest("hex").toUpperCase();
    const { bytes } = this.#sealOf(mac, lastModified);
    const isSame = bytes.length === own.length && timingSafeEqual(bytes, Buffer.from(own, "latin1"));
    if (!isSame) throw new FormatError("its values do not fit its MAC: something in it was changed");
  }

  #sealOf(mac: string, lastModified: string) {
    try {
      return openValue(mac, this.#key, lastModified);
    } catch (thrown) {
      if (!(thrown instanceof FormatError)) throw thrown;
      throw new FormatError("its MAC cannot be opened: it, `lastmodified` or the data key was changed");
    }
  }

  /** Recursion is bounded by the readers of the formats. */
  #value(value: Tree, path: readonly string[]): OpenTree | CommentValue {
    if (value instanceof TreeMap) return this.map(value, path);
    if (isList(value)) {
      const items = value.map((item) => this.#value(item, path));
      return items.filter((item) => !(item instanceof CommentValue));
    }
    if (value === null) return null;
    const encrypted = this.#isEncrypted(value, path);
    const opened = encrypted ? this.#open(value, path) : value;
    const counts = encrypted || !this.#metadata.macOnlyEncrypted;
    if (counts && !(opened instanceof CommentValue)) this.#hash.update(bytesOf(opened));
    return opened;
  }

  #open(value: Leaf, path: readonly string[]): Opened {
    if (typeof value !== "string") throw new FormatError(`the value at ${placeOf(path)} is not encrypted`);
    try {
      return openLeaf(value, this.#key, path);
    } catch (thrown) {
      if (!(thrown instanceof FormatError)) throw thrown;
      throw new FormatError(`the value at ${placeOf(path)} cannot be opened: ${thrown.problem}`);
    }
  }
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** The bytes by which a value counts in the seal of all values. */
function bytesOf(value: Leaf | BytesValue): Uint8Array | string {
  if (value instanceof BytesValue) return value.bytes;
  if (value instanceof Timestamp) return value.text;
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? fixedPoint(value) : String(value);
}

/** Refuses comments of which one is encrypted and was changed; one that is not encrypted is nobody's secret. */
function checkComments(comments: readonly TreeComment[], key: Uint8Array): void {
  let tries = 0;
  for (const { text, paths } of comments) {
    const sealed = text.trim();
    if (!looksEncrypted(sealed)) continue;
    const opens = paths.some((path) => {
      tries += 1;
      if (tries > mostTries) throw new FormatError("the document has too many encrypted comments");
      return isOpenAt(sealed, key, path);
    });
    if (!opens) throw new FormatError("an encrypted comment was changed, or stands in another place");
  }
}

/** Each takes some ten microseconds. */
const mostTries = 20_000;

function isOpenAt(sealed: string, key: Uint8Array, path: readonly string[]): boolean {
  try {
    openLeaf(sealed, key, path);
    return true;
  } catch (thrown) {
    if (thrown instanceof FormatError) return false;
    throw thrown;
  }
}

/** A path for people. Keys are no secrets, but may be long. */
function placeOf(path: readonly string[]): string {
  return JSON.stringify(path.join(".").slice(0, 128));
}
