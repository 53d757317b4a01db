import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import type { Option } from "../config/option.ts";
import { flagOf } from "../config/options.ts";
import { valuesOf } from "../config/values-of.ts";
import type { DialectDefinition } from "../dialects/definition.ts";
import { dialectDefinitions } from "../dialects/index.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Logger } from "../log.ts";
import type { RecordKeeper } from "../record-keeper.ts";
import { Redacted } from "../redacted.ts";
import type { VersionKeys } from "../render/version.ts";

/** As long as the hash that it keys (https://www.rfc-editor.org/rfc/rfc2104#section-3). */
const leastKey = 32;

type VersionKey = Redacted<Uint8Array>;

/** One key: known from the start, or asked for. */
interface KeySource {
  current(): VersionKey | undefined;
  load(): Promise<unknown>;
}

/** Where keys that are not in files come from. */
export interface VersionKeyParts {
  readonly api: KubernetesApi | undefined;
  readonly keeper: RecordKeeper | undefined;
  readonly log: Logger;
}

/**
 * The keys of object versions: from files, bytes exactly as stored, from the Kubernetes Secrets of today's providers, or
 * random for this process. Those of dialects that are not served are left alone. Throws `ConfigError`.
 */
export async function loadVersionKeys(config: Config, parts: VersionKeyParts): Promise<VersionKeys> {
  const native = knownKey(await readNativeKey(config.versionKeyFile));
  const sources = new Map<string, KeySource>();
  for (const definition of dialectDefinitions) {
    const own = await dialectKey(definition, config, parts);
    if (own !== undefined) sources.set(definition.name, own);
  }
  const of = (name: string) => sources.get(name) ?? native;
  return { current: (name) => of(name).current(), load: (name) => of(name).load() };
}

function knownKey(key: Uint8Array): KeySource {
  const known = new Redacted(key);
  return { current: () => known, load: async () => undefined };
}

/** Undefined for a dialect whose key is that of the native one. */
async function dialectKey(
  { name, versionKey, options }: DialectDefinition,
  config: Config,
  parts: VersionKeyParts,
): Promise<KeySource | undefined> {
  if (versionKey === undefined) return undefined;
  const { file, secret } = versionKey;
  const { [file]: path, [secret]: inCluster } = valuesOf(options as Readonly<Record<string, Option<string>>>, config);
  if (path !== undefined) return knownKey(await readDialectKey(path, flagOf(file)));
  if (inCluster === undefined || !config.providers.includes(name)) return undefined;
  return await clusterKey(inCluster, flagOf(secret), config, parts);
}

async function readDialectKey(path: string, setting: string): Promise<Uint8Array> {
  const key = await readOperatorFile(path, setting);
  // Today's provider takes a key of any length, and it is its key.
  if (key.length > 0) return key;
  throw new ConfigError(`${setting}: the file is empty; give the key of today's provider`);
}

/** Asked for at once, so that the first mount need not wait; a mount asks again where that failed. */
async function clusterKey(
  name: string,
  setting: string,
  { kubernetesTokenFile }: Config,
  { api, keeper, log }: VersionKeyParts,
): Promise<KeySource> {
  if (api === undefined) {
    throw new ConfigError(`${setting}: there is no Kubernetes API to read a Secret from; give a key file instead`);
  }
  const { ClusterVersionKey } = await import("../kubernetes/version-key.ts");
  // Latchkey's own, beside its token.
  const namespace = (await readOperatorFile(join(dirname(kubernetesTokenFile), "namespace"), setting))
    .toString()
    .trim();
  const key = new ClusterVersionKey({ api, namespace, name, log, keeper, now: () => performance.now() });
  await key.restore();
  // Its failure is logged, and told to whoever needs the key.
  void key.load().catch(() => undefined);
  return key;
}

/** The key of the native dialect's versions; random for this process without a file. Throws `ConfigError`. */
export async function readNativeKey(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) return randomBytes(leastKey);
  const setting = flagOf("versionKeyFile");
  const key = await readOperatorFile(path, setting);
  if (key.length >= leastKey) return key;
  throw new ConfigError(
    `${setting}: ${path} has ${key.length} bytes; give ${leastKey} random bytes or more (head -c 32 /dev/urandom)`,
  );
}
