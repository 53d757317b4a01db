import type { Config } from "../config/config.ts";
import type { Reply } from "../deliver/deliver.ts";
import { ProviderError } from "../errors.ts";
import { createLogger, type LogLevel } from "../log.ts";
import { openKubernetesApi, openTokenKeys } from "../node/cluster.ts";
import { createCache } from "../node/create-cache.ts";
import { syncCheckOf } from "../node/open-sync.ts";
import { createMounter, storesOf } from "../node/parts.ts";
import { checkProfiles } from "../node/profiles.ts";
import { checkStoreFlags } from "../node/store-flags.ts";
import { loadVersionKeys } from "../node/version-keys.ts";
import { warnOnce } from "../node/warn-once.ts";
import type { PickedClass } from "./pick-class.ts";
import { type PreviewedSecret, SyncPreview } from "./sync-preview.ts";

/** For whom a mount is made. */
export interface Asker {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string | undefined;
  readonly tokens: ReadonlyMap<string, string>;
  readonly credentials: ReadonlyMap<string, string>;
}

/** The result of one mount. */
export interface MountedOnce extends Reply {
  /** The Kubernetes Secrets that would be written to the cluster. */
  readonly secrets: readonly PreviewedSecret[];
}

/**
 * One mount by the way that every mount goes, for an asker of the command line: nothing is cached and nothing written.
 * Throws what prevents it: `ConfigError` for settings, `ProviderError` for the mount.
 */
export async function mountOnce(
  config: Config,
  picked: PickedClass,
  asker: Asker,
  logLevel: LogLevel,
): Promise<MountedOnce> {
  const log = createLogger(logLevel, { write: (line) => void process.stderr.write(line) });
  const warn = warnOnce(log);
  const api = await openKubernetesApi(config, warn);
  const stores = storesOf(config, warn);
  let reply: Reply | undefined;
  let secrets: readonly PreviewedSecret[] = [];
  const encode = (made: Reply) => {
    reply = made;
    return Buffer.alloc(0);
  };
  try {
    await checkStoreFlags(config, stores, warn);
    await checkProfiles(config.profiles, stores, warn);
    const versionKeys = await loadVersionKeys(config, { api, keeper: undefined, log });
    const cache = await createCache(config, undefined, log);
    const sync = new SyncPreview(syncCheckOf(config));
    const tokenKeys = await openTokenKeys(config, api, undefined, log);
    const parts = { api, tokenKeys, stores, keeper: undefined, versionKeys, cache, log, encode, sync };
    const mounter = createMounter({ ...config, deliver: "driver" }, parts);
    const deadline = startDeadline(config.mountTimeout);
    const call = {
      request: requestOf(picked, asker),
      signal: deadline.signal,
      reserve: () => undefined,
    };
    try {
      await mounter.mount(picked.provider, call);
      const key = versionKeys.current("native");
      if (key !== undefined) secrets = sync.secrets(key);
    } finally {
      deadline.stop();
      tokenKeys.close();
      await mounter.close();
    }
  } finally {
    await stores.shutdown();
    api?.close();
  }
  if (reply === undefined) throw new Error("a mount that succeeded made no reply");
  return { ...reply, secrets };
}

/** Builds the request that the driver would send. */
function requestOf({ name, parameters }: PickedClass, { namespace, serviceAccount, pod, tokens, credentials }: Asker) {
  const keys = new Map([...parameters, ["secretProviderClass", name]]);
  const kubelets = {
    "pod.namespace": namespace,
    "serviceAccount.name": serviceAccount,
    ...(pod === undefined ? {} : { "pod.name": pod, "pod.uid": pod }),
    "serviceAccount.tokens": jsonOf([...tokens].map(([audience, token]) => [audience, { token }])),
  };
  for (const [key, text] of Object.entries(kubelets)) keys.set(`csi.storage.k8s.io/${key}`, text);
  return {
    attributes: jsonOf([...keys]),
    secrets: credentials.size === 0 ? "null" : jsonOf([...credentials]),
    targetPath: "/latchkey-mount",
    permission: String(0o644),
  };
}

function jsonOf(entries: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify(Object.fromEntries(entries));
}

/** Its timer keeps the process alive: while a mount waits to ask a store again, nothing else does. */
function startDeadline(ms: number): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const error = new ProviderError("LK0006", "the stores did not answer in time", { fix: "raise --mount-timeout" });
  const timer = setTimeout(() => controller.abort(error), ms);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
