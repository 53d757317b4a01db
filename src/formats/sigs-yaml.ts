import { compareGoStrings } from "./go-json.ts";
import { goFields, isGoNull, notText, type YamlField } from "./go-yaml.ts";
import { resolveGoScalar } from "./go-yaml-scalar.ts";
import type { YamlNode } from "./yaml-node.ts";

/**
 * The known fields of a mapping as sigs.k8s.io/yaml fills a struct: names match in any case; of several that match, the
 * last by byte order wins; null changes nothing. The answer's keys are the names as given. Throws `FormatError`.
 */
export function sigsFields(node: YamlNode, names: readonly string[]): ReadonlyMap<string, YamlField> {
  const byFold = new Map(names.map((name) => [fold(name), name]));
  const fields = new Map<string, YamlField>();
  const written = [...goFields(node, "v2")].sort(([a], [b]) => compareGoStrings(a, b));
  for (const [key, field] of written) {
    const name = byFold.get(fold(key));
    if (name !== undefined && !isGoNull(field.value)) fields.set(name, field);
  }
  return fields;
}

/** Go folds the long s and the Kelvin sign to their ASCII letters as well; lower-casing does only the latter. */
function fold(name: string): string {
  return name.replaceAll("\u017f", "s").toLowerCase();
}

/**
 * A text field as sigs.k8s.io/yaml fills it, by way of JSON: `3` is `3`, `1.10` is `1.1`, `yes` is `true`, `0123` is `83`,
 * null and a missing field are `""`. Throws `FormatError` for a list or a map.
 */
export function sigsText(node: YamlNode | undefined): string {
  if (node === undefined) return "";
  if (node.kind !== "scalar") throw notText(node);
  const resolved = resolveGoScalar(node, "v2");
  if (resolved.type === "null") return "";
  return resolved.type === "float" ? formatFloat32(resolved.value) : String(resolved.value);
}

/** Go's `FormatFloat(value, 'g', -1, 32)`: the shortest digits that name the nearest 32-bit float. */
function formatFloat32(value: number): string {
  const float = Math.fround(value);
  if (Number.isNaN(float)) return "NaN";
  if (!Number.isFinite(float)) return float > 0 ? "+Inf" : "-Inf";
  const sign = float < 0 || Object.is(float, -0) ? "-" : "";
  const [mantissa = "0", power = "0"] = shortestFloat32(Math.abs(float)).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return sign + plainNotation(mantissa.replace(".", ""), exponent);
  const shown = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return `${sign}${mantissa}e${shown}`;
}

/** In exponent form; nine digits always tell two 32-bit floats apart. */
function shortestFloat32(float: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = float.toExponential(digits);
    if (Math.fround(Number(text)) === float) return text;
  }
  return float.toExponential(8);
}

function plainNotation(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, "0");
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
