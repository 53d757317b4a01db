import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goFields } from "../../formats/go-yaml.ts";
import { resolveGoScalar } from "../../formats/go-yaml-scalar.ts";
import { JsonNumber, type JsonValue } from "../../formats/json.ts";
import { readJsonNumber } from "../../formats/json-scalar.ts";
import { readYaml } from "../../formats/read-yaml.ts";
import type { YamlNode, YamlScalar } from "../../formats/yaml-node.ts";

/**
 * A YAML file as JSON, read as Go's yaml.v3 reads it; a number that JSON can write keeps its text, so `1.50` stays `1.50`.
 * Throws `LK0040` for what is no YAML or has no form in JSON; the text quotes nothing of the file.
 */
export function yamlToJson(bytes: Uint8Array, name: string): JsonValue {
  try {
    return convert(readYaml(Buffer.from(bytes).toString("utf8")));
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    throw new ProviderError("LK0040", `the file ${name} cannot be read as YAML: ${thrown.message}`, {
      fix: "correct the file, or give it a name that does not end in .yaml or .yml",
    });
  }
}

/** Recursion is safe: `readYaml` bounds depth and size, aliases counted. */
function convert(node: YamlNode): JsonValue {
  if (node.kind === "scalar") return convertScalar(node);
  if (node.kind === "list") return node.items.map(convert);
  return new Map([...goFields(node, "v3")].map(([key, { value }]) => [key, convert(value)]));
}

function convertScalar(scalar: YamlScalar): JsonValue {
  const resolved = resolveGoScalar(scalar, "v3");
  if (resolved.type === "null") return null;
  if (resolved.type === "bool" || resolved.type === "text") return resolved.value;
  if (readJsonNumber(scalar.text, 0) === scalar.text) return new JsonNumber(scalar.text);
  if (resolved.type === "float" && !Number.isFinite(resolved.value)) {
    throw new FormatError("a number that JSON cannot write", scalar.at);
  }
  return new JsonNumber(String(resolved.value));
}
