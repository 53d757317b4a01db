import { isUtf8 } from "node:buffer";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { ConfigError } from "../config/config-error.ts";
import { writeAtomically } from "../deliver/atomic-writer.ts";
import type { Reply } from "../deliver/deliver.ts";
import { modeText } from "../dialects/mode-bits.ts";
import { ProviderError } from "../errors.ts";
import { printable } from "../lint/formats/human.ts";
import { loadMountDefaults } from "../node/load-config.ts";
import { askedStores } from "./asked-stores.ts";
import { mountOnce } from "./mount-once.ts";
import { pickClass } from "./pick-class.ts";
import { judgeSurroundings } from "./plan-surroundings.ts";
import { ownProgress } from "./progress.ts";
import { shellProblems } from "./shell-problems.ts";
import { readCredentials, readTokens, type TokenFlags } from "./shell-tokens.ts";
import type { PreviewedSecret } from "./sync-preview.ts";
import { print } from "./terminal.ts";

/** Flags of its own. */
export interface MountFlags extends TokenFlags {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly target: string;
  readonly pod?: string;
  readonly name?: string;
  readonly secret?: readonly string[];
  readonly values?: boolean;
  readonly [setting: string]: unknown;
}

/**
 * Mounts into a directory and prints what is in it; gives the exit code: 0, or 1 where the mount failed, and then nothing
 * is written. Throws `ConfigError` for wrong usage.
 */
export async function mountFromShell(
  file: string,
  flags: MountFlags,
  settings: ReadonlyMap<string, string>,
): Promise<number> {
  const config = await loadMountDefaults({ flags: settings });
  const { namespace, serviceAccount, pod, target, values = false } = flags;
  await refuseUsed(target);
  const picked = await pickClass(file, flags.name);
  const [tokens, credentials] = await Promise.all([readTokens(flags), readCredentials(flags.secret)]);
  const asker = { namespace, serviceAccount, pod, tokens, credentials };
  try {
    const isLogged = settings.has("logLevel");
    const mounting = () => mountOnce(config, picked, asker, isLogged ? config.logLevel : "off");
    const waitingFor = async () => {
      const stores = await askedStores(picked.provider, picked.parameters, namespace, judgeSurroundings(config, true));
      return `waiting for ${stores || "the mount"}`;
    };
    // Log lines tell more, in the same place.
    const reply = isLogged ? await mounting() : await ownProgress().during(await waitingFor(), mounting);
    await mkdir(target, { recursive: true, mode: 0o700 });
    await writeAtomically(target, reply.files);
    await print(tree(target, reply, values) + secretLines(namespace, reply.secrets));
    return 0;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    for (const problem of shellProblems(error, asker))
      await print(`latchkey: ${printable(problem.describe())}\n`, process.stderr);
    return 1;
  }
}

/**
 * Throws `ConfigError` unless the target is missing or an empty directory: a mount replaces all of a directory, and
 * files in it could be anybody's.
 */
async function refuseUsed(target: string): Promise<void> {
  const found = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new ConfigError(`--target: ${target} cannot be used (${error.code}); name a new directory`);
  });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new ConfigError(`--target: ${target} is not a directory; name a new one`);
  if ((await readdir(target)).length > 0)
    throw new ConfigError(`--target: ${target} is not empty; name a new directory`);
}

function tree(target: string, { files, objectVersion }: Reply, values: boolean): string {
  const versions = new Map(objectVersion.map(({ id, version }) => [id, version]));
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const lines: string[] = [target];
  let parents: readonly string[] = [];
  for (const { path, mode, contents } of sorted) {
    const names = path.split("/");
    const above = names.slice(0, -1);
    const known = above.findIndex((name, depth) => name !== parents[depth]);
    const from = known < 0 ? above.length : known;
    for (const [depth, name] of above.entries())
      if (depth >= from) lines.push(`${"  ".repeat(depth + 1)}${printable(name)}/`);
    parents = above;
    const indent = "  ".repeat(names.length);
    const size = sizeText(contents.length);
    const shown = modeText(mode);
    lines.push(
      `${indent}${printable(names.at(-1) ?? "")}  ${shown}  ${size}  version ${printable(versions.get(path) ?? "")}`,
    );
    if (values) lines.push(...valueLines(contents).map((line) => `${indent}  | ${line}`));
  }
  return `${lines.join("\n")}\n`;
}

/** The Kubernetes Secrets that a mount makes; their values stay what only the cluster sees. */
function secretLines(namespace: string, secrets: readonly PreviewedSecret[]): string {
  if (secrets.length === 0) return "";
  const lines = secrets.flatMap(({ name, type, immutable, sizes }) => {
    const shown = immutable ? `${name}-<hash>, immutable` : name;
    return [`  ${shown}, ${type}`, ...[...sizes].map(([key, size]) => `    ${key}  ${sizeText(size)}`)];
  });
  return `\nKubernetes Secrets that a node would write in namespace ${printable(namespace)}:\n${lines.join("\n")}\n`;
}

function sizeText(bytes: number): string {
  return `${bytes} byte${bytes === 1 ? "" : "s"}`;
}

/** Text line by line; what could steer the terminal, and what is not text, in base64. */
function valueLines(contents: Uint8Array): readonly string[] {
  const bytes = Buffer.from(contents);
  const lines = bytes.toString("utf8").replace(/\n$/, "").split("\n");
  const isPlain = isUtf8(bytes) && lines.every((line) => line === printable(line));
  return isPlain ? lines : [`base64: ${bytes.toString("base64")}`];
}
