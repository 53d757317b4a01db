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

/** Makes the files of a plan from those secrets that could be had. Of equal secrets it always makes the same. */
export function renderFiles(plan: Plan, secrets: ReadonlyMap<string, Secret>, keys: VersionKeys): Rendered {
  const failures: ProviderError[] = [];
  const files: RenderedFile[] = [];
  for (const output of plan.outputs) {
    const secret = secrets.get(output.from);
    if (secret === undefined) continue;
    try {
      files.push(renderFile(output, secret, keys));
    } catch (error) {
      failures.push(toProviderError(error).about(output.subject));
    }
  }
  return { files, failures };
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
