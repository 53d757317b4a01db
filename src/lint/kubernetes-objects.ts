import { FormatError } from "../formats/format-error.ts";
import { goFields, type YamlField } from "../formats/go-yaml.ts";
import { resolveGoScalar } from "../formats/go-yaml-scalar.ts";
import type { YamlMap, YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import type { YamlDocument } from "./yaml-file.ts";

/** Fields of a map by name. */
export type Fields = ReadonlyMap<string, YamlField>;

/** One Kubernetes object of a file. */
export interface KubernetesObject {
  readonly kind: string;
  /** `secrets-store.csi.x-k8s.io/v1`. */
  readonly apiVersion: string;
  readonly name: string;
  /** Empty where it is not written. */
  readonly namespace: string;
  readonly node: YamlMap;
  readonly document: YamlDocument;
  /** Where its name is, or else the object. */
  readonly at: YamlPosition;
}

/** The objects of a document; those of a List one by one. What is no object is left out. */
export function objectsOf(document: YamlDocument, node: YamlNode = document.root): readonly KubernetesObject[] {
  if (node.kind !== "map") return [];
  const fields = fieldsOf(node);
  const kind = textOf(fields, "kind");
  const items = fields.get("items")?.value;
  if (kind.endsWith("List") && items?.kind === "list") return items.items.flatMap((item) => objectsOf(document, item));
  const metadata = fieldsOf(fields.get("metadata")?.value);
  return [
    {
      kind,
      apiVersion: textOf(fields, "apiVersion"),
      name: textOf(metadata, "name"),
      namespace: textOf(metadata, "namespace"),
      node,
      document,
      at: metadata.get("name")?.value.at ?? node.at,
    },
  ];
}

/** The fields of a map as Kubernetes' YAML reader takes them; none where there is no map. */
export function fieldsOf(node: YamlNode | undefined): Fields {
  if (node?.kind !== "map") return new Map();
  try {
    return goFields(node, "v2");
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // A merge of what is no map, or a key that is none: kubectl refuses the whole file.
    return new Map();
  }
}

/** The items of a list; none where there is no list. */
export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** The text of a field; empty where there is none. */
export function textOf(fields: Fields, name: string): string {
  const node = fields.get(name)?.value;
  return (node && textNode(node)) ?? "";
}

/** A scalar that is text to Kubernetes; undefined for numbers, booleans, lists, maps. Null is the empty text. */
export function textNode(node: YamlNode): string | undefined {
  if (node.kind !== "scalar") return undefined;
  try {
    const scalar = resolveGoScalar(node, "v2");
    if (scalar.type === "null") return "";
    return scalar.type === "text" ? scalar.value : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Complains about a field that is there and not text; undefined otherwise. `message` follows the field's name. */
export function notTextOf(
  fields: Fields,
  name: string,
): { readonly at: YamlPosition; readonly message: string; readonly fix: string } | undefined {
  const node = fields.get(name)?.value;
  if (node === undefined || textNode(node) !== undefined) return undefined;
  return { at: node.at, message: `is ${kindOf(node)} to Kubernetes, not text`, fix: "put it in quotes" };
}

/** YAML 1.1, which Kubernetes reads, takes `n`, `no` and `off` for false. */
function kindOf(node: YamlNode): string {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  try {
    const scalar = resolveGoScalar(node, "v2");
    return scalar.type === "bool" ? `the boolean ${scalar.value}` : "a number";
  } catch (error) {
    if (error instanceof FormatError) return "a value of another type";
    throw error;
  }
}

/** Keys that are there twice: each repetition. */
export function repeatedKeys(
  node: YamlNode | undefined,
): readonly { readonly name: string; readonly at: YamlPosition }[] {
  if (node?.kind !== "map") return [];
  const seen = new Set<string>();
  return node.entries.flatMap(({ key }) => {
    if (key.kind !== "scalar" || seen.size !== seen.add(key.text).size) return [];
    return [{ name: key.text, at: key.at }];
  });
}
