import type { Output, Plan, Step } from "../dialects/plan.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";
import { decodeGoBase64, decodeGoHex } from "../formats/go-encodings.ts";
import { writeGoJson } from "../formats/go-json.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJson } from "../formats/json.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import type { Secret } from "../stores/store.ts";
import { type ObjectVersion, type VersionKeys, versionOf } from "./version.ts";

/** One file of the volume, ready to be delivered. */
export interface RenderedFile {
  readonly path: string;
  readonly mode: number;
  readonly contents: Uint8Array;
  readonly version: ObjectVersion;
}

/** What came of every output of a plan. */
export interface Rendered {
  readonly files: readonly RenderedFile[];
  /** Files that cannot be made, in the plan's order: `LK0035` no such key, `LK0040` content that does not fit. */
  readonly failures: readonly ProviderError[];
}

/** Makes files from secrets: a pure function, so what was made from a kept secret is kept with it. */
export class Renderer {
  readonly #keys: VersionKeys;
  readonly #made = new WeakMap<Secret, WeakMap<Output, RenderedFile>>();

  constructor(keys: VersionKeys) {
    this.#keys = keys;
  }

  /** Makes the files of a plan from those secrets that could be had. */
  render(plan: Plan, secrets: ReadonlyMap<string, Secret>): Rendered {
    const failures: ProviderError[] = [];
    const files: RenderedFile[] = [];
    for (const output of plan.outputs) {
      const secret = secrets.get(output.from);
      if (secret === undefined) continue;
      try {
        files.push(this.#fileOf(output, secret));
      } catch (error) {
        failures.push(toProviderError(error).about(output.subject));
      }
    }
    return { files, failures };
  }

  #fileOf(output: Output, secret: Secret): RenderedFile {
    const made = this.#made.get(secret) ?? new WeakMap<Output, RenderedFile>();
    const known = made.get(output);
    if (known !== undefined) return known;
    const file = renderFile(output, secret, this.#keys);
    made.set(output, file);
    this.#made.set(secret, made);
    return file;
  }
}

function renderFile(output: Output, secret: Secret, keys: VersionKeys): RenderedFile {
  const { path, mode, select } = output;
  const source = select.of === "value" ? secret.value : secret.envelope;
  if (source === undefined) throw new ProviderError("LK0036", "the store gave no whole answer");
  const contents = select.steps.reduce(applyStep, source.reveal());
  const versioned = select.of === "envelope" ? withoutVolatile(contents, secret.volatile ?? []) : contents;
  return { path, mode, contents, version: versionOf(output, secret, versioned, keys) };
}

function applyStep(bytes: Uint8Array, step: Step): Uint8Array {
  return step.kind === "key" ? selectKey(bytes, step) : decode(bytes, step.encoding);
}

function selectKey(bytes: Uint8Array, { path, text }: Step & { readonly kind: "key" }): Uint8Array {
  let value: JsonValue | undefined = parseSecret(bytes);
  for (const part of path) value = memberOf(value, part);
  if (value === undefined) {
    throw new ProviderError("LK0035", `key ${JSON.stringify(text)} does not exist in the secret`, {
      fix: `correct the key, or add it to the secret${quotingHint(path, text)}`,
    });
  }
  return ownBytes(typeof value === "string" ? value : writeGoJson(value));
}

/** Only for a key that its dialect took apart at a dot. */
function quotingHint(path: readonly (string | number)[], text: string): string {
  const isSplit = path.length > 1 && /^[^"[]*\.[^"[]*$/.test(text);
  return isSplit ? `; where a dot is part of a name, quote the name: '"${text}"'` : "";
}

function memberOf(value: JsonValue | undefined, part: string | number): JsonValue | undefined {
  if (typeof part === "number") return isJsonArray(value) ? value[part] : undefined;
  return isJsonObject(value) ? value.get(part) : undefined;
}

function parseSecret(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ProviderError("LK0040", `the secret is not JSON, so it has no keys: ${error.message}`, {
      fix: "leave the key out to get the whole secret, or store a JSON object",
    });
  }
}

function decode(bytes: Uint8Array, encoding: "base64" | "hex"): Uint8Array {
  try {
    const text = Buffer.from(bytes).toString("latin1");
    return encoding === "base64" ? decodeGoBase64(text) : decodeGoHex(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ProviderError("LK0040", `the value is not valid ${encoding}: ${error.message}`, {
      fix: "store the value in that encoding, or take the encoding out of the SecretProviderClass",
    });
  }
}

function withoutVolatile(envelope: Uint8Array, volatile: readonly string[]): Uint8Array {
  const value = parseSecret(envelope);
  if (!isJsonObject(value)) return envelope;
  return Buffer.from(writeGoJson(new Map([...value].filter(([key]) => !volatile.includes(key)))));
}
