import { inTurns, turns } from "../async/turns.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import { flatten } from "../formats/flat-object.ts";
import { writeGoJson } from "../formats/go-json.ts";
import { isJsonObject } from "../formats/json.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import type { Expansion, Output, Plan } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { Step } from "../plan/step.ts";
import { pathErrors } from "../plan/volume-paths.ts";
import type { Secret } from "../stores/store.ts";
import type { Converters } from "./converters.ts";
import type { RenderWork } from "./render-work.ts";
import type { StepTools } from "./step-tools.ts";
import { applySteps, textOf } from "./steps.ts";
import { type ObjectVersion, type VersionKeys, versionOf } from "./version.ts";

/** One file of the volume, ready to be delivered. */
export interface RenderedFile {
  readonly path: string;
  readonly mode: number;
  readonly contents: Uint8Array;
  readonly version: ObjectVersion;
}

/** The results for all outputs of a plan. */
export interface Rendered {
  readonly files: readonly RenderedFile[];
  /** Files that cannot be made, in the plan's order: `LK0035` no such key, `LK0040` content that does not fit. */
  readonly failures: readonly ProviderError[];
}

/** Everything that rendering needs besides plan and secrets. */
export interface RenderTools {
  readonly keys: VersionKeys;
  /** Of the whole volume, templates included. */
  readonly work: RenderWork;
  /** The converters that the plan's steps need; absent: none. */
  readonly converters?: Converters | undefined;
  /** Returns the store's name for a secret, by `Wanted.id`, for errors. */
  readonly nameOf?: (id: string) => string | undefined;
}

/**
 * Makes the files of a plan from those secrets that could be had. Of equal secrets it always makes the same. Throws `LK0005`
 * when the files have more bytes than any volume may.
 */
export async function renderFiles(
  plan: Plan,
  secrets: ReadonlyMap<string, Secret>,
  tools: RenderTools,
): Promise<Rendered> {
  const { outputs, expansions = [] } = plan;
  const optional = new Set(plan.secrets.filter((wanted) => wanted.optional === true).map(({ id }) => id));
  const failures: ProviderError[] = [];
  const making = makingOf(secrets, tools);
  const made: Placed[] = [];
  const keep = (files: readonly Placed[]) => {
    for (const file of files) {
      tools.work.made(file);
      made.push(file);
    }
  };
  const attempt = async (each: Output | Expansion, make: (secret: Secret) => Files | Promise<Files>) => {
    const secret = secrets.get(each.from);
    try {
      return secret === undefined ? [] : await make(secret);
    } catch (thrown) {
      const error = toProviderError(thrown);
      const mayLack = optional.has(each.from) || ("onlyIfPresent" in each && each.onlyIfPresent === true);
      if (error.reason === "absent" && mayLack) return [];
      const name = tools.nameOf?.(each.from);
      failures.push((name === undefined ? error : error.about(name)).about(each.subject));
      return [];
    }
  };
  const prepare = preparing(secrets, tools.work);
  for (const output of outputs) {
    await prepare(output);
    const hasFallback = output.fallbackText !== undefined;
    // A search that found nothing is an empty object for those who do not say what else they want.
    const isNone = ({ found }: Secret) => hasFallback && found?.size === 0;
    const files = await attempt(output, (secret) => (isNone(secret) ? [] : [renderFile(output, secret, making)]));
    keep(hasFallback && files.length === 0 ? [fallbackFile(output, tools.keys)] : files);
  }
  for (const expansion of expansions) {
    await prepare(expansion);
    keep(await attempt(expansion, (secret) => expand(expansion, secret, optional.has(expansion.from), making)));
  }
  // Names that come from a store are judged as those that a SecretProviderClass writes.
  if (expansions.length > 0) failures.push(...pathErrors(made));
  return { files: made, failures };
}

/** Returns what is called before each file is made: it gives others their turn, and reads long JSON in turns with them. */
function preparing(secrets: ReadonlyMap<string, Secret>, work: RenderWork) {
  const pause = turns();
  return async (each: Output | Expansion) => {
    // What this fails with, the making fails with again, and tells it.
    await parse(each, secrets.get(each.from), work).catch(() => undefined);
    await pause();
  };
}

function readsJson(step: Step): boolean {
  return ["key", "jmesPath", "format"].includes(step.kind) || (step.kind === "textKey" && step.format === "json");
}

/** Reads a secret's JSON in turns with everything else, where it is long and the making begins with it. */
async function parse(making: Output | Expansion, secret: Secret | undefined, work: RenderWork): Promise<void> {
  const { select } = making;
  const [first] = select.steps;
  const isRead = first === undefined ? "pathOf" in making : readsJson(first);
  if (!isRead && select.of !== "envelope") return;
  if (secret === undefined || secret[select.of] === undefined || secret.found !== undefined) return;
  await work.prepare(work.bytesOf(secret, select.of));
}

type Files = readonly Placed[];

/** A file, and what the SecretProviderClass calls it. */
interface Placed extends RenderedFile {
  readonly subject: string;
}

/** Everything that files are made with. */
interface MakingTools extends StepTools {
  readonly keys: VersionKeys;
}

function makingOf(secrets: ReadonlyMap<string, Secret>, { keys, work, converters = {} }: RenderTools): MakingTools {
  return {
    ...{ keys, work, converters },
    secretOf: (id) => {
      const secret = secrets.get(id);
      return secret && { bytes: work.bytesOf(secret, "value"), mediaType: secret.mediaType };
    },
  };
}

function renderFile(output: Output, secret: Secret, tools: MakingTools): Placed {
  const { keys, work } = tools;
  const { path, mode, subject } = output;
  const contents = selected(output, secret, tools);
  const versioned = output.select.of === "envelope" ? withoutVolatile(contents, secret.volatile ?? [], work) : contents;
  return { path, mode, contents, subject, version: versionOf(output, secret, versioned, keys) };
}

/** Where nothing is there for it. A mount that has failed for another reason never gets so far as to deliver it. */
function fallbackFile(output: Output, keys: VersionKeys): Placed {
  const { path, mode, subject, fallbackText = "" } = output;
  const contents = ownBytes(fallbackText);
  return { path, mode, contents, subject, version: versionOf(output, undefined, contents, keys) };
}

async function expand(
  expansion: Expansion,
  secret: Secret,
  isOptional: boolean,
  tools: MakingTools,
): Promise<readonly Placed[]> {
  const { found } = secret;
  const members =
    found === undefined
      ? membersOf(expansion, selected(expansion, secret, tools), tools.work)
      : [...found].flatMap(([name, part]) => foundMembers(expansion, { name, secret: part, isOptional }, tools));
  refuseMany(members.length);
  const files = await inTurns(members, ({ key, contents }) => {
    const path = expansion.pathOf(key);
    if (path === undefined) return [];
    const subject = `${expansion.subject}, ${found === undefined ? "key" : "secret"} ${quoted(key)}`;
    const version = versionOf({ path, subject, version: expansion.version }, secret, contents, tools.keys);
    return [{ path, mode: expansion.mode, contents, subject, version }];
  });
  return files.flat();
}

/** So many files one secret or search may make; each takes a directory entry, a version and its place in the reply. */
const mostFiles = 20_000;

function refuseMany(files: number): void {
  if (files <= mostFiles) return;
  throw new ProviderError("LK0005", `it makes ${files} files, more than ${mostFiles}`, {
    fix: "choose keys with include and exclude, or take the secret as one file",
  });
}

/** One entry that becomes a file of an expansion. */
interface Member {
  readonly key: string;
  readonly contents: Uint8Array;
}

function membersOf({ separator }: Expansion, bytes: Uint8Array, work: RenderWork): readonly Member[] {
  const object = work.parse(bytes);
  if (!isJsonObject(object)) {
    throw new ProviderError("LK0040", "the secret is not a JSON object, so it has no keys to make files from", {
      fix: "store a JSON object, or take the secret as one file",
    });
  }
  const members =
    separator === undefined ? [...object] : flatten(object, separator, (characters) => work.read(characters));
  return members.map(([key, value]) => ({ key, contents: textOf(value) }));
}

/** One file, or with a separator those of a JSON object's keys, behind the name of the secret. */
function foundMembers(
  expansion: Expansion,
  { name, secret, isOptional }: { readonly name: string; readonly secret: Secret; readonly isOptional: boolean },
  tools: MakingTools,
): readonly Member[] {
  const { work } = tools;
  try {
    const contents = selected(expansion, secret, tools);
    const { separator } = expansion;
    if (separator === undefined || !isObject(contents, work)) return [{ key: name, contents }];
    return membersOf(expansion, contents, work).map((each) => ({ ...each, key: `${name}${separator}${each.key}` }));
  } catch (thrown) {
    const error = toProviderError(thrown);
    if (isOptional && error.reason === "absent") return [];
    throw error.about(`secret ${quoted(name)}`);
  }
}

function isObject(contents: Uint8Array, work: RenderWork): boolean {
  try {
    return contents.find((byte) => byte > 0x20) === 0x7b && isJsonObject(work.parse(contents));
  } catch (thrown) {
    if (toProviderError(thrown).id === "LK0040") return false;
    throw thrown;
  }
}

function selected({ select }: Output | Expansion, secret: Secret, tools: StepTools): Uint8Array {
  const bytes = tools.work.bytesOf(secret, select.of);
  return applySteps(select.steps, { bytes, mediaType: select.of === "value" ? secret.mediaType : undefined }, tools);
}

function withoutVolatile(envelope: Uint8Array, volatile: readonly string[], work: RenderWork): Uint8Array {
  const value = work.parse(envelope);
  if (!isJsonObject(value)) return envelope;
  return Buffer.from(writeGoJson(new Map([...value].filter(([key]) => !volatile.includes(key)))));
}
