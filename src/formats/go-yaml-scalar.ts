import { FormatError } from "./format-error.ts";
import { decodeGoBase64 } from "./go-encodings.ts";
import { decodeGoUtf8 } from "./go-utf8.ts";
import type { YamlScalar } from "./yaml-node.ts";

/** A scalar as Go's yaml reads it. Dates stay text: that is what both libraries give a text field. */
export type GoScalar =
  | { readonly type: "null" }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "text"; readonly value: string };

/** The two libraries differ in which words are booleans: `v2` (YAML 1.1) takes `yes`, `on` and `y` too. */
export type GoYaml = "v2" | "v3";

/** The tags that ask for a type; any other tag makes text of what it stands before. */
export const typedTags: ReadonlySet<string> = new Set(["!!int", "!!float", "!!bool", "!!null"]);

/** Resolves a scalar as gopkg.in/yaml does. Throws `FormatError` where an explicit tag does not fit the text. */
export function resolveGoScalar(scalar: YamlScalar, yaml: GoYaml): GoScalar {
  const { text, tag, at } = scalar;
  if (tag === "!!binary") return { type: "text", value: binaryText(scalar) };
  if (!scalar.plain && !typedTags.has(tag ?? "")) return { type: "text", value: text };
  const resolved = resolveText(text, yaml);
  if (tag === undefined || tag === `!!${resolved.type}`) return resolved;
  if (tag === "!!float" && resolved.type === "int") return { type: "float", value: Number(resolved.value) };
  throw new FormatError(`text that does not fit its tag ${tag}`, at, undefined, "remove the tag");
}

/** The text of a `!!binary`; `broken` stands for each byte that is not part of one. Throws `FormatError`. */
export function binaryText({ text, at }: YamlScalar, broken?: string): string {
  try {
    return decodeGoUtf8(decodeGoBase64(text), broken);
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(error.problem, at) : error;
  }
}

function resolveText(text: string, yaml: GoYaml): GoScalar {
  const word = words.get(text) ?? (yaml === "v2" ? wordsOf11.get(text) : undefined);
  if (word !== undefined) return word;
  // Numbers start like one; only those with a digit or sign first may hold underscores.
  if (/^\.[0-9]/.test(text)) return floatOrText(text, text);
  if (!/^[-+0-9]/.test(text)) return { type: "text", value: text };
  const plain = text.replaceAll("_", "");
  const integer = parseGoInteger(plain);
  return integer === undefined ? floatOrText(plain, text) : { type: "int", value: integer };
}

function floatOrText(plain: string, text: string): GoScalar {
  const value = Number(plain);
  const isFloat = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain) && Number.isFinite(value);
  return isFloat ? { type: "float", value } : { type: "text", value: text };
}

const integerForms: readonly (readonly [pattern: RegExp, prefix: string])[] = [
  [/^0[xX]([0-9a-fA-F]+)$/, "0x"],
  [/^0[bB]([01]+)$/, "0b"],
  [/^0[oO]?([0-7]+)$/, "0o"],
  [/^([0-9]|[1-9][0-9]+)$/, ""],
];

/** Go's `ParseInt` and `ParseUint` with base 0: `0600` and `0o600` are octal; beyond 64 bits it is no integer. */
function parseGoInteger(text: string): bigint | undefined {
  const sign = /^[-+]/.test(text) ? text.slice(0, 1) : "";
  const digits = text.slice(sign.length);
  for (const [pattern, prefix] of integerForms) {
    const match = pattern.exec(digits)?.[1];
    if (match !== undefined) return within64Bits(BigInt(prefix + match), sign);
  }
  return undefined;
}

function within64Bits(magnitude: bigint, sign: string): bigint | undefined {
  if (sign === "-") return magnitude <= 2n ** 63n ? -magnitude : undefined;
  // An unsigned 64-bit number may not even carry a plus sign.
  return magnitude < (sign === "+" ? 2n ** 63n : 2n ** 64n) ? magnitude : undefined;
}

function wordTable(groups: readonly (readonly [GoScalar, string])[]): ReadonlyMap<string, GoScalar> {
  return new Map(
    groups.flatMap(([scalar, texts]) => texts.split(" ").map((text): [string, GoScalar] => [text, scalar])),
  );
}

const yes: GoScalar = { type: "bool", value: true };
const no: GoScalar = { type: "bool", value: false };

const words = new Map<string, GoScalar>([
  ["", { type: "null" }],
  ...wordTable([
    [{ type: "null" }, "~ null Null NULL"],
    [yes, "true True TRUE"],
    [no, "false False FALSE"],
    [{ type: "float", value: Number.NaN }, ".nan .NaN .NAN"],
    [{ type: "float", value: Number.POSITIVE_INFINITY }, ".inf .Inf .INF +.inf +.Inf +.INF"],
    [{ type: "float", value: Number.NEGATIVE_INFINITY }, "-.inf -.Inf -.INF"],
  ]),
]);

const wordsOf11 = wordTable([
  [yes, "y Y yes Yes YES on On ON"],
  [no, "n N no No NO off Off OFF"],
]);
