import { FormatError } from "../../../formats/format-error.ts";
import { isTreeList, Timestamp, type Tree, TreeMap } from "./tree.ts";

/** A key that the data key, or a share of it, is wrapped with. */
export type WrappedKey =
  | { readonly by: "age"; readonly recipient: string; readonly wrapped: string }
  | { readonly by: "pgp"; readonly fingerprint: string }
  | { readonly by: "hckms"; readonly keyId: string }
  | {
      readonly by: "aws";
      readonly arn: string;
      readonly role: string | undefined;
      readonly context: readonly (readonly [key: string, value: string])[];
      readonly wrapped: string;
    }
  | { readonly by: "gcp"; readonly resource: string; readonly wrapped: string }
  | {
      readonly by: "azure";
      readonly vaultUrl: string;
      readonly name: string;
      readonly version: string;
      readonly wrapped: string;
    }
  | {
      readonly by: "transit";
      readonly address: string;
      readonly mount: string;
      readonly name: string;
      readonly wrapped: string;
    };

/** Which values of a document are encrypted. */
export type EncryptionRule = {
  readonly by: "suffix" | "regex" | "comment";
  readonly encrypted: boolean;
  readonly text: string;
};

/** Everything that a document says about its own encryption. */
export interface Metadata {
  /** Each holds the data key, or where there are several, a share of it. */
  readonly groups: readonly (readonly WrappedKey[])[];
  /** How many shares make the data key. */
  readonly threshold: number;
  readonly rule: EncryptionRule;
  readonly macOnlyEncrypted: boolean;
  readonly mac: string;
  readonly lastModified: string;
}

/** Reads metadata, whatever version of the tool wrote it. Throws `FormatError`. */
export function readMetadata(tree: TreeMap): Metadata {
  const several = tree.get("key_groups");
  const groups = isTreeList(several) && several.length > 0 ? several.map(groupOf) : [groupOf(tree)];
  if (groups.every((group) => group.length === 0)) throw new FormatError("the document names no key");
  // The last thing in most documents: one that was cut lacks it.
  textAt(tree, "version");
  const threshold = Number(tree.get("shamir_threshold") ?? 0);
  if (!Number.isInteger(threshold) || threshold < 0) throw new FormatError("`shamir_threshold` is not a number");
  return {
    groups,
    // The tool lets a document of several groups be opened with none of them named as many; all are needed then.
    threshold: groups.length === 1 ? 1 : threshold === 0 ? groups.length : threshold,
    rule: ruleOf(tree),
    macOnlyEncrypted: /^true$/i.test(String(tree.get("mac_only_encrypted") ?? "")),
    mac: textAt(tree, "mac"),
    lastModified: goDate(textAt(tree, "lastmodified")),
  };
}

/** The time as it was written, at which the tool's seal of all values is sealed. */
function goDate(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})$/.test(text))
    return text.replace(/\.\d+/, "").replace(/[-+]00:00$/, "Z");
  throw new FormatError("`lastmodified` is not a time");
}

const ruleKeys = [
  ["unencrypted_suffix", "suffix", false],
  ["encrypted_suffix", "suffix", true],
  ["unencrypted_regex", "regex", false],
  ["encrypted_regex", "regex", true],
  ["unencrypted_comment_regex", "comment", false],
  ["encrypted_comment_regex", "comment", true],
] as const;

function ruleOf(tree: TreeMap): EncryptionRule {
  const rules = ruleKeys.flatMap(([key, by, encrypted]) => {
    const text = optionalText(tree, key);
    return text === "" ? [] : [{ by, encrypted, text }];
  });
  if (rules.length > 1) throw new FormatError("the document has more than one rule for what is encrypted");
  return rules[0] ?? { by: "suffix", encrypted: false, text: "_unencrypted" };
}

function groupOf(tree: Tree): readonly WrappedKey[] {
  if (!(tree instanceof TreeMap)) throw new FormatError("a group of keys is not a map");
  return readers.flatMap(([name, read]) => listAt(tree, name).map(read));
}

/** In the order in which the tool asks: keys that lie on the node first. */
const readers: readonly (readonly [name: string, read: (entry: TreeMap) => WrappedKey])[] = [
  ["age", (entry) => ({ by: "age", recipient: textAt(entry, "recipient"), wrapped: textAt(entry, "enc") })],
  [
    "kms",
    (entry) => ({
      by: "aws",
      arn: textAt(entry, "arn"),
      role: optionalText(entry, "role") || undefined,
      context: contextOf(entry.get("context")),
      wrapped: textAt(entry, "enc"),
    }),
  ],
  ["gcp_kms", (entry) => ({ by: "gcp", resource: textAt(entry, "resource_id"), wrapped: textAt(entry, "enc") })],
  [
    "azure_kv",
    (entry) => ({
      by: "azure",
      vaultUrl: textAt(entry, "vault_url"),
      name: textAt(entry, "name"),
      version: optionalText(entry, "version"),
      wrapped: textAt(entry, "enc"),
    }),
  ],
  [
    "hc_vault",
    (entry) => ({
      by: "transit",
      address: textAt(entry, "vault_address"),
      mount: textAt(entry, "engine_path"),
      name: textAt(entry, "key_name"),
      wrapped: textAt(entry, "enc"),
    }),
  ],
  ["hckms", (entry) => ({ by: "hckms", keyId: textAt(entry, "key_id") })],
  ["pgp", (entry) => ({ by: "pgp", fingerprint: textAt(entry, "fp") })],
];

function contextOf(tree: Tree | undefined): readonly (readonly [string, string])[] {
  if (tree === undefined || tree === null) return [];
  if (!(tree instanceof TreeMap)) throw new FormatError("an encryption context is not a map");
  return tree.entries.map(([key, value]) => [key, typeof value === "string" ? value : ""] as const);
}

function listAt(tree: TreeMap, name: string): readonly TreeMap[] {
  const list = tree.get(name);
  if (list === undefined || list === null) return [];
  if (isTreeList(list) && list.every((each) => each instanceof TreeMap)) return list;
  throw new FormatError(`\`${name}\` is not a list of keys`);
}

function textAt(tree: TreeMap, name: string): string {
  const text = optionalText(tree, name);
  if (text === "") throw new FormatError(`the metadata lacks \`${name}\``);
  return text;
}

function optionalText(tree: TreeMap, name: string): string {
  const value = tree.get(name);
  if (value === undefined || value === null) return "";
  if (value instanceof Timestamp) return value.text;
  if (typeof value === "string") return value;
  throw new FormatError(`\`${name}\` in the metadata is not text`);
}
