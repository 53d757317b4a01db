import { FormatError } from "../../formats/format-error.ts";
import { resolveGoScalar } from "../../formats/go-yaml-scalar.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { canBeMeant, decimalHint, modeText, octalHint } from "../mode-bits.ts";

/**
 * Reads an int32 as yaml.v3 fills it: `0600` and `0o600` are octal, `600` and `0800` decimal, fractions are cut off; undefined
 * for null. Throws `FormatError` for text, so for anything in quotes, and for what does not fit into 32 bits.
 */
export function readMode(node: YamlNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== "scalar") throw new FormatError("a number is needed", node.at, fix);
  const resolved = resolveGoScalar(node, "v3");
  if (resolved.type === "null") return undefined;
  if (resolved.type !== "int" && resolved.type !== "float") {
    throw new FormatError("a number without quotes is needed", node.at, fix);
  }
  const whole = Math.trunc(Number(resolved.value));
  if (whole >= -(2 ** 31) && whole < 2 ** 31) return whole;
  throw new FormatError("a number of 32 bits is needed", node.at, fix);
}

const fix = "write an octal number without quotes, such as 0640";

/** The permission bits that a file gets: of a larger or negative number only the last nine bits are used. */
export function permissionOf(mode: number): number {
  return mode & 0o777;
}

/** Complains about a mode that nobody can have meant. */
export function modeProblem(mode: number): string | undefined {
  const bits = permissionOf(mode);
  if (mode === bits && canBeMeant(bits)) return undefined;
  const hint = octalHint(mode);
  return mode === bits
    ? `mode ${mode} is ${modeText(bits)}${hint === "" ? decimalHint(bits, (meant) => meant) : hint}`
    : `of mode ${mode} only the bits of 0777 are used, ${modeText(bits)}${hint}`;
}
