import { FormatError } from "../../../formats/format-error.ts";
import { unflatten } from "./flat.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import { readDotenvFile } from "./read-dotenv.ts";
import { readIniFile } from "./read-ini.ts";
import { readJsonFile } from "./read-json.ts";
import { readYamlFile } from "./read-yaml.ts";
import { textOf } from "./text-of.ts";
import { type ReadFile, TreeMap } from "./tree.ts";

/** The formats of documents. */
export const documentFormats = ["yaml", "json", "dotenv", "ini", "binary"] as const;

/** One of them. */
export type DocumentFormat = (typeof documentFormats)[number];

/** A document as it lies there, still encrypted. */
export interface SealedDocument extends ReadFile {
  readonly format: DocumentFormat;
  readonly metadata: Metadata;
}

/** A document without a word about encryption: whoever sees it sees its values. */
export class NotEncrypted extends Error {
  override readonly name = "NotEncrypted";
}

const metadataKey = "sops";
const flatPrefix = "sops_";

/** Reads a document. Throws `NotEncrypted`, and `FormatError` for what cannot be read; no text quotes the document. */
export function readDocument(bytes: Uint8Array, given?: DocumentFormat): SealedDocument {
  const format = given ?? guessFormat(bytes);
  const { branches, comments } = read(bytes, format);
  const isMetadata =
    format === "dotenv" ? (key: string) => key.startsWith(flatPrefix) : (key: string) => key === metadataKey;
  const tree = metadataOf(branches[0], format);
  if (tree === undefined) throw new NotEncrypted("the document has no metadata of SOPS");
  return {
    format,
    metadata: readMetadata(tree),
    branches: branches.map((branch) => branch.without(isMetadata)),
    comments: comments.filter(({ paths }) => !paths.every((path) => path[0] === metadataKey)),
  };
}

function read(bytes: Uint8Array, format: DocumentFormat): ReadFile {
  if (format === "yaml") return readYamlFile(bytes);
  if (format === "dotenv") return readDotenvFile(bytes);
  return format === "ini" ? readIniFile(bytes) : readJsonFile(bytes);
}

function metadataOf(branch: TreeMap | undefined, format: DocumentFormat): TreeMap | undefined {
  if (branch === undefined) return undefined;
  if (format === "dotenv") {
    const own = branch.entries.filter(([key]) => key.startsWith(flatPrefix));
    if (own.length === 0) return undefined;
    return unflatten(new TreeMap(own.map(([key, value]) => [key.slice(flatPrefix.length), value])));
  }
  const found = branch.entries.filter(([key]) => key === metadataKey);
  if (found.length > 1) throw new FormatError("the document has the metadata of SOPS twice");
  const tree = found[0]?.[1];
  if (tree === undefined || tree === null) return undefined;
  if (!(tree instanceof TreeMap)) throw new FormatError("`sops` in the document is not its metadata");
  if (format !== "ini") return tree;
  const lines = tree.entries.map(([key, value]) => {
    return [key, typeof value === "string" ? value.replaceAll("\\n", "\n") : value] as const;
  });
  return unflatten(new TreeMap(lines));
}

/** The format that a text looks like, where nobody says it. */
function guessFormat(bytes: Uint8Array): DocumentFormat {
  const text = textOf(bytes);
  if (/^\s*\{/.test(text)) return isBinary(bytes) ? "binary" : "json";
  if (/^\[sops\]\s*$/m.test(text)) return "ini";
  return /^sops_[a-z0-9_]+=/m.test(text) ? "dotenv" : "yaml";
}

/** The tool's envelope of bytes: a JSON object of the one key `data`. */
function isBinary(bytes: Uint8Array): boolean {
  const [branch] = readJsonFile(bytes).branches;
  const keys = branch?.entries.map(([key]) => key).filter((key) => key !== metadataKey) ?? [];
  return keys.length === 1 && keys[0] === "data";
}

/** The format that a file's name tells, as the tool takes it. */
export function formatOfName(name: string): DocumentFormat {
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (/\.(?:json|ipynb)$/.test(name)) return "json";
  if (name.endsWith(".env")) return "dotenv";
  return name.endsWith(".ini") ? "ini" : "binary";
}
