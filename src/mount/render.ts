import type { Output, Plan } from "../dialects/plan.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import { writeGoJson } from "../formats/go-json.ts";
import { isJsonObject } from "../formats/json.ts";
import type { Secret } from "../stores/store.ts";
import { applySteps, parseSecret } from "./steps.ts";
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
  const contents = applySteps(select.steps, source.reveal());
  const versioned = select.of === "envelope" ? withoutVolatile(contents, secret.volatile ?? []) : contents;
  return { path, mode, contents, version: versionOf(output, secret, versioned, keys) };
}

function withoutVolatile(envelope: Uint8Array, volatile: readonly string[]): Uint8Array {
  const value = parseSecret(envelope);
  if (!isJsonObject(value)) return envelope;
  return Buffer.from(writeGoJson(new Map([...value].filter(([key]) => !volatile.includes(key)))));
}
