import { join } from "node:path";
import type { Cache } from "../cache/cache.ts";
import type { Keeper } from "../cache/persistence/keeper.ts";
import type { Config } from "../config/config.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Logger } from "../log.ts";
import type { Mounter } from "../mount/mount.ts";
import { type Endpoint, serveEndpoint } from "../server/grpc.ts";
import type { ProcessGuard } from "../server/process-guard.ts";
import { ReplyBudget } from "../server/reply-budget.ts";
import { createWire, type Wire } from "../server/wire.ts";
import type { Secret, Stores } from "../stores/store.ts";
import type { SecretSync } from "../sync/contract.ts";
import { openKubernetesApi } from "./cluster.ts";
import { createCache, openCacheKeeper } from "./create-cache.ts";
import { openAdmin, openMetrics } from "./open-admin.ts";
import { type OpenAudit, openAudit } from "./open-audit.ts";
import { openSync } from "./open-sync.ts";
import { createMounter, storesOf } from "./parts.ts";
import { checkProfiles } from "./profiles.ts";
import { checkStoreFlags } from "./store-flags.ts";
import { uncheckedBy } from "./vault-servers.ts";
import { loadVersionKeys } from "./version-keys.ts";
import { type WatchedProfiles, watchProfiles } from "./watched-profiles.ts";

/** Everything that a serving process has running. */
export interface Service {
  /** Port of the admin server; undefined where it is off. */
  readonly adminPort: number | undefined;
  /** Stops within the drain time and a little more: sockets, running mounts, logins, connections. */
  stop(): Promise<void>;
}

/** Starts all of it, sockets last, so that the driver never finds a provider that is not ready. Undoes a start that fails. */
export async function startService(
  config: Config,
  version: string,
  log: Logger,
  guard: Pick<ProcessGuard, "survived"> = { survived: 0 },
): Promise<Service> {
  for (const { variable, reason } of config.ignored) log.warn({ variable, reason }, "variable ignored");
  for (const setting of uncheckedBy(config)) log.warn({ setting }, "the certificate is not checked at all");
  const api = await openKubernetesApi(config);
  const stores = storesOf(config);
  await checkStoreFlags(config, stores);
  await checkProfiles(config.profiles, stores);
  const profiles = watchProfiles(config, stores, log);
  const keeper = await openCacheKeeper(config, log);
  const versionKeys = await loadVersionKeys(config, { api, keeper, log });
  const cache = await createCache(config, keeper, log);
  const audit = await openAudit(config, log);
  const wire = createWire();
  const metrics = await openMetrics(config, version, {
    cache: () => cache.figures,
    sessions: () => mounter.sessionCount,
    uncaughtErrors: () => guard.survived,
  });
  const observe = metrics && ((result: string) => metrics.secretSynced(result));
  const sync = await openSync(config, { api, versionKeys, log, ...(observe === undefined ? {} : { observe }) });
  const mounter: Mounter = await createMounter(config, {
    ...{ api, stores, keeper, versionKeys, cache, log, profiles, metrics, sync, audit },
    encode: (reply) => wire.encodeReply(reply as Parameters<Wire["encodeReply"]>[0]),
  });
  const endpoints = await serveAll(config, version, mounter, wire);
  const started: Running = { config, endpoints, mounter, sync, audit, stores, api, keeper, profiles, metrics };
  try {
    const socketPaths = config.providers.map((dialect) => socketPathOf(config, dialect));
    const admin = await openAdmin(config, { wire, socketPaths, metrics });
    const control = await serveControlAt(config.adminSocket, cache);
    return { adminPort: admin?.port, stop: () => stopAll({ ...started, admin, control }) };
  } catch (error) {
    await stopAll({ ...started, config: { ...config, drain: 0 } });
    throw error;
  }
}

function socketPathOf({ socketDir }: Config, dialect: string): string {
  return join(socketDir, `${dialect}.sock`);
}

async function serveAll(config: Config, version: string, mounter: Mounter, wire: Wire): Promise<readonly Endpoint[]> {
  const budget = new ReplyBudget(config.maxInflightBytes);
  const endpoints: Endpoint[] = [];
  try {
    for (const dialect of config.providers) {
      endpoints.push(
        await serveEndpoint({
          wire,
          socketPath: socketPathOf(config, dialect),
          runtimeVersion: version,
          mount: (call) => mounter.mount(dialect, call),
          mountTimeout: config.mountTimeout,
          budget,
        }),
      );
    }
    return endpoints;
  } catch (error) {
    await Promise.all(endpoints.map((endpoint) => endpoint.stop(0)));
    throw error;
  }
}

async function serveControlAt(path: string | undefined, cache: Cache<Secret>) {
  if (path === undefined) return undefined;
  const { serveControl } = await import("../server/control.ts");
  return await serveControl(path, cache);
}

interface Running {
  readonly config: Config;
  readonly endpoints: readonly Endpoint[];
  readonly metrics: { close(): void } | undefined;
  readonly admin?: { close(): Promise<void> } | undefined;
  readonly control?: { close(): Promise<void> } | undefined;
  readonly mounter: Mounter;
  readonly sync: SecretSync;
  readonly audit: OpenAudit | undefined;
  readonly stores: Stores;
  readonly api: KubernetesApi | undefined;
  readonly keeper: Keeper<Secret> | undefined;
  readonly profiles: WatchedProfiles;
}

async function stopAll({
  config,
  endpoints,
  metrics,
  admin,
  control,
  mounter,
  sync,
  audit,
  stores,
  api,
  keeper,
  profiles,
}: Running): Promise<void> {
  await Promise.all([admin?.close(), control?.close()]);
  await Promise.all(endpoints.map((endpoint) => endpoint.stop(config.drain)));
  metrics?.close();
  profiles.close();
  await mounter.close();
  await sync.close();
  await audit?.close();
  await stores.shutdown();
  api?.close();
  await keeper?.close();
}
