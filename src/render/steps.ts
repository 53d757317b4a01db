import { ProviderError } from "../errors.ts";
import { type DotenvReader, writeDotenv } from "../formats/dotenv.ts";
import { FormatError } from "../formats/format-error.ts";
import { decodeBase64Url, decodeGoBase64, decodeGoHex } from "../formats/go-encodings.ts";
import { writeGoJson } from "../formats/go-json.ts";
import type { Expression } from "../formats/jmespath.ts";
import { searchJmesPath } from "../formats/jmespath-search.ts";
import { CostError, type Meter } from "../formats/jmespath-values.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue, memberOf } from "../formats/json.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import { type PemPart, pemPart } from "../formats/pem.ts";
import { writeProperties } from "../formats/properties.ts";
import { writeYaml } from "../formats/write-yaml.ts";
import { quoted } from "../plan/problems.ts";
import type { KeyStoreStep, PasswordSource, Step } from "../plan/step.ts";
import { certificate, openKeyStore, pemIn, writeKeyStore } from "./certificate-steps.ts";
import { nearKey, plainNames } from "./near-key.ts";
import type { Content, StepTools } from "./step-tools.ts";
import { selectTextKey } from "./text-key.ts";

/**
 * A file's bytes from a secret's content. Throws `LK0035` where there is no such key, `LK0040` for content that does not fit,
 * `LK0043` for too much work.
 */
export function applySteps(steps: readonly Step[], content: Content, tools: StepTools): Uint8Array {
  // What a step makes is another thing than what the store vouched for.
  return steps.reduce<Content>((now, step) => ({ bytes: applyStep(now, step, tools) }), content).bytes;
}

function applyStep(content: Content, step: Step, tools: StepTools): Uint8Array {
  const { work } = tools;
  const { bytes } = content;
  switch (step.kind) {
    case "certificate":
      return certificate(content, step, tools);
    case "keyStore":
      return keyStore(content, step, tools);
    case "openKeyStore":
      return openKeyStore(bytes, passwordFrom(step.password, tools), tools);
    case "key":
      return selectKey(work.parse(bytes, `key ${quoted(step.text)}`), step);
    case "jmesPath":
      return searchSecret(work.parse(bytes, `value at the JMESPath ${quoted(step.text)}`), step, work.meter);
    case "textKey":
      return selectTextKey(bytes, step, work);
    case "format":
      return format(work.parse(bytes), step);
  }
  work.read(bytes.length);
  return step.kind === "decode" ? decode(bytes, step.encoding) : takePem(pemIn(content, tools), step.part);
}

function searchSecret(secret: JsonValue, step: Step & { readonly kind: "jmesPath" }, meter: Meter): Uint8Array {
  const { expression, text, stringify } = step;
  const found = evaluate(expression, text, secret, meter);
  const shown = `the JMESPath ${quoted(text)}`;
  if (found === null) {
    throw new ProviderError("LK0035", `${shown} does not point to a valid object`, {
      fix: missingFix("expression", "value", nearKey(secret, plainNames(text) ?? [])),
    });
  }
  if (typeof found === "string" || stringify) return textOf(found);
  throw new ProviderError("LK0040", `${shown} gives ${kindOf(found)}; only string is allowed`, {
    fix: "wrap the expression in to_string(), or set stringify: true beside it",
  });
}

function evaluate(expression: Expression, text: string, secret: JsonValue, meter: Meter): JsonValue {
  try {
    return searchJmesPath(expression, secret, meter);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const costly = error instanceof CostError;
    throw new ProviderError(
      costly ? "LK0043" : "LK0040",
      `the JMESPath ${quoted(text)} cannot be evaluated: ${error.problem}`,
      {
        fix: costly ? "write an expression that does not multiply the secret" : "correct the expression, or the secret",
      },
    );
  }
}

function kindOf(value: JsonValue): string {
  if (isJsonArray(value)) return "an array";
  if (isJsonObject(value)) return "an object";
  return value instanceof JsonNumber ? "a number" : "a boolean";
}

function selectKey(secret: JsonValue, { path, text }: Step & { readonly kind: "key" }): Uint8Array {
  let value: JsonValue | undefined = secret;
  for (const part of path) value = memberOf(value, part);
  if (value === undefined) {
    throw new ProviderError("LK0035", `key ${quoted(text)} does not exist in the secret`, {
      fix: `${missingFix("key", "key", nearKey(secret, path))}${quotingHint(path, text)}`,
    });
  }
  return textOf(value);
}

/** A value as a file holds it: text as it is, anything else as compact JSON in Go's form. */
export function textOf(value: JsonValue): Uint8Array {
  return ownBytes(typeof value === "string" ? value : writeGoJson(value));
}

function missingFix(written: "key" | "expression", missing: "key" | "value", near: string | undefined): string {
  if (near !== undefined) return `did you mean the key ${near}? Otherwise add the ${missing} to the secret`;
  return written === missing
    ? `correct the ${written}, or add it to the secret`
    : `correct the ${written}, or add the ${missing} to the secret`;
}

/** Only for a key that its dialect took apart at a dot. */
function quotingHint(path: readonly (string | number)[], text: string): string {
  const isSplit = path.length > 1 && /^[^"[]*\.[^"[]*$/.test(text);
  return isSplit ? `; where a dot is part of a name, quote the name: '"${text}"'` : "";
}

type Decode = Step & { readonly kind: "decode" };

const decoders: Readonly<Record<Decode["encoding"], (text: string) => Uint8Array>> = {
  base64: decodeGoBase64,
  base64url: decodeBase64Url,
  hex: decodeGoHex,
};

function decode(bytes: Uint8Array, encoding: Decode["encoding"]): Uint8Array {
  try {
    return decoders[encoding](Buffer.from(bytes).toString("latin1"));
  } catch (error) {
    throw unfit(
      error,
      `the value is not valid ${encoding}`,
      "store the value in that encoding, or take the encoding out of the SecretProviderClass",
    );
  }
}

type Format = Step & { readonly kind: "format" };

const writers: Readonly<Record<Format["format"], (object: JsonObject, reader?: DotenvReader) => string>> = {
  dotenv: writeDotenv,
  json: writeGoJson,
  properties: writeProperties,
  yaml: writeYaml,
};

function format(value: JsonValue, { format: name, reader }: Format): Uint8Array {
  if (!isJsonObject(value)) {
    throw new ProviderError("LK0040", `the value is not a JSON object, so it cannot be written as ${name}`, {
      fix: "store a JSON object, or take format out of the SecretProviderClass",
    });
  }
  try {
    return ownBytes(writers[name](value, reader));
  } catch (error) {
    throw unfit(
      error,
      `the value cannot be written as ${name}`,
      name === "dotenv" ? dotenvFix : "rename the key in the store, or choose the keys one by one",
    );
  }
}

const dotenvFix =
  "name who reads the file by `for` (bash, node or python); rename the key in the store, or choose the keys one by one";

function keyStore(content: Content, step: KeyStoreStep, tools: StepTools): Uint8Array {
  const { password } = step;
  const text = password === undefined ? new Uint8Array() : passwordFrom(password, tools);
  return writeKeyStore(pemIn(content, tools), step, text, tools);
}

/** A password is text of another secret, by steps of its own. */
function passwordFrom({ from, steps }: PasswordSource, tools: StepTools): Uint8Array {
  const secret = tools.secretOf(from);
  if (secret !== undefined) return applySteps(steps, secret, tools);
  throw new ProviderError("LK0035", "the secret with the password does not exist", { fix: "create it in its store" });
}

function takePem(bytes: Uint8Array, part: PemPart): Uint8Array {
  try {
    return ownBytes(pemPart(Buffer.from(bytes).toString("latin1"), part));
  } catch (error) {
    throw unfit(error, `the value has no ${part}`, "store the bundle in PEM form, or take another part");
  }
}

function unfit(error: unknown, what: string, fix: string): ProviderError {
  if (!(error instanceof FormatError)) throw error;
  return new ProviderError("LK0040", `${what}: ${error.message}`, { fix: error.fix ?? fix });
}
