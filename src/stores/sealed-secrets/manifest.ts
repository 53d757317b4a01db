import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goFields, goText } from "../../formats/go-yaml.ts";
import { readYamlDocuments } from "../../formats/read-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { sealedRef } from "./ref.ts";
import type { InlineSealedRef } from "./types.ts";

/** A SealedSecret as its manifest has it. */
export interface Manifest extends InlineSealedRef {
  /** Absent: it does not say. */
  readonly namespace: string | undefined;
  /** Of the Secret that the controller would make. */
  readonly type: string | undefined;
  /** Keys whose values the controller would write from a template. */
  readonly templated: readonly string[];
}

/** The SealedSecrets of a text of YAML or JSON; none where there are none. Throws `FormatError`. */
export function readManifests(text: string): readonly Manifest[] {
  return readYamlDocuments(text).documents.flatMap(manifestsIn);
}

function manifestsIn(node: YamlNode): readonly Manifest[] {
  const kind = textAt(node, "kind");
  if (kind === "List" || kind === "SealedSecretList") {
    const items = at(node, "items");
    return items?.kind === "list" ? items.items.flatMap(manifestsIn) : [];
  }
  return kind === "SealedSecret" && /^bitnami\.com\//.test(textAt(node, "apiVersion") ?? "") ? [manifestOf(node)] : [];
}

function manifestOf(node: YamlNode): Manifest {
  const sealed = at(node, "spec", "encryptedData");
  const values = sealed === undefined ? [] : [...goFields(sealed, "v3")];
  const parsed = sealedRef.safeParse({
    name: textAt(node, "metadata", "name") ?? "",
    scope: scopeOf(node),
    encryptedData: new Map(values.map(([key, { value }]) => [key, goText(value)])),
  });
  if (!parsed.success || !("encryptedData" in parsed.data)) {
    const [issue] = parsed.error?.issues ?? [];
    throw new FormatError(`not a SealedSecret: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim(), node.at);
  }
  const data = at(node, "spec", "template", "data");
  return {
    ...parsed.data,
    namespace: textAt(node, "metadata", "namespace"),
    type: textAt(node, "spec", "template", "type"),
    templated: data?.kind === "map" ? [...goFields(data, "v3").keys()] : [],
  };
}

function scopeOf(node: YamlNode): InlineSealedRef["scope"] {
  const annotation = (name: string) => textAt(node, "metadata", "annotations", `sealedsecrets.bitnami.com/${name}`);
  if (annotation("cluster-wide") === "true") return "cluster-wide";
  return annotation("namespace-wide") === "true" ? "namespace-wide" : "strict";
}

function at(node: YamlNode, ...path: readonly string[]): YamlNode | undefined {
  let found: YamlNode | undefined = node;
  for (const name of path) found = found?.kind === "map" ? goFields(found, "v3").get(name)?.value : undefined;
  return found;
}

function textAt(node: YamlNode, ...path: readonly string[]): string | undefined {
  const found = at(node, ...path);
  return found?.kind === "scalar" && found.text !== "" ? found.text : undefined;
}

/** The one SealedSecret of a file. Throws `LK0047`. */
export function manifestIn(bytes: Uint8Array, what: string): Manifest {
  const refused = (why: string) =>
    new ProviderError("LK0047", `${what} cannot be opened: ${why}`, {
      fix: "put the manifest of one SealedSecret into the file, as kubeseal writes it",
    });
  try {
    const [first, ...rest] = readManifests(Buffer.from(bytes).toString("utf8"));
    if (first === undefined) throw refused("it has no SealedSecret");
    if (rest.length > 0) throw refused("it has several SealedSecrets");
    return first;
  } catch (thrown) {
    throw thrown instanceof FormatError ? refused(thrown.message) : thrown;
  }
}
