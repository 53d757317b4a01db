import { join } from "node:path";
import { systemClock } from "../async/clock.ts";
import type { Cache } from "../cache/cache.ts";
import { Ledger } from "../cache/ledger.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { MountedTargets } from "../mount/mounted-targets.ts";
import type { Mounter } from "../mount/mounter.ts";
import type { RecordKeeper } from "../record-keeper.ts";
import { type Endpoint, serveEndpoint } from "../server/grpc.ts";
import type { ProcessGuard } from "../server/process-guard.ts";
import { ReplyBudget } from "../server/reply-budget.ts";
import { createWire, type Wire } from "../server/wire.ts";
import { storeFamilies } from "../stores/index.ts";
import type { Secret } from "../stores/store.ts";
import { openKubernetesApi, openTokenKeys } from "./cluster.ts";
import { createCache, openCacheKeeper } from "./create-cache.ts";
import { openAdmin, openMetrics } from "./open-admin.ts";
import { openAudit } from "./open-audit.ts";
import { openLeases } from "./open-leases.ts";
import { openSync } from "./open-sync.ts";
import { openVerifier } from "./open-verifier.ts";
import { Opened } from "./opened.ts";
import { createMounter, storesOf } from "./parts.ts";
import { checkProfiles } from "./profiles.ts";
import { checkStoreFlags } from "./store-flags.ts";
import { loadVersionKeys } from "./version-keys.ts";
import { warnOnce } from "./warn-once.ts";
import { watchProfiles } from "./watched-profiles.ts";

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
  const unchecked = storeFamilies.flatMap((family) => family.unchecked?.(config) ?? []);
  for (const setting of unchecked) log.warn({ setting }, "the certificate is not checked at all");
  const opened = new Opened();
  try {
    return await startAll({ config, version, log, guard, opened });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Start {
  readonly config: Config;
  readonly version: string;
  readonly log: Logger;
  readonly guard: Pick<ProcessGuard, "survived">;
  readonly opened: Opened;
}

async function startAll({ config, version, log, guard, opened }: Start): Promise<Service> {
  const warn = warnOnce(log);
  // Settings are judged before anything is opened, so stores are there before the cache's directory.
  const records: { keeper?: RecordKeeper | undefined } = {};
  const ledger = new Ledger();
  const stores = storesOf(config, warn, () => records.keeper, ledger);
  await checkStoreFlags(config, stores, warn);
  await checkProfiles(config.profiles, stores, warn);
  // Closed last: lines are written until nothing else runs, and a disk that does not answer holds up nothing else.
  const audit = opened.add(await openAudit(config, log), (each) => each.close());
  const keeper = opened.add(await openCacheKeeper(config, stores, log), (each) => each.close());
  records.keeper = keeper;
  const api = opened.add(await openKubernetesApi(config, warn), (each) => each.close());
  opened.add(stores, (each) => each.shutdown());
  const versionKeys = await loadVersionKeys(config, { api, keeper, log });
  const tokenKeys = opened.add(await openTokenKeys(config, api, keeper, log), (each) => each.close());
  const metrics = new Metrics();
  const cache = await createCache(config, keeper, log, { ledger, metrics });
  const wire = createWire();
  metrics.offer("cache", () => cache.figures);
  metrics.offer("tokenKeys", () => tokenKeys.state);
  metrics.offer("uncaughtErrors", () => guard.survived);
  const served = opened.add(await openMetrics(config, version, metrics), (each) => each.close());
  const sync = opened.add(await openSync(config, { api, versionKeys, log, metrics }), (each) => each.close());
  tokenKeys.onChange(() => sync.proveAgain());
  const profiles = opened.add(watchProfiles(config, stores, log, warn), (each) => each.close());
  const { leases } = opened.add(await openLeases(config, { api, cache, stores, keeper, audit, log, metrics }), (each) =>
    each.close(),
  );
  const targets = opened.add(new MountedTargets(systemClock, keeper), (each) => each.close());
  await targets.load();
  const tries = opened.add(await openVerifier(config), (each) => each.close());
  const mounter: Mounter = createMounter(config, {
    ...{ api, tokenKeys, stores, keeper, versionKeys, cache, log, profiles, metrics, sync, audit, ledger },
    ...{ leases, targets, tries },
    encode: (reply) => wire.encodeReply(reply as Parameters<Wire["encodeReply"]>[0]),
  });
  opened.add(mounter, (each) => each.close());
  let drain = 0;
  const endpoints = await serveAll(config, version, mounter, wire);
  opened.add(endpoints, () => Promise.all(endpoints.map((endpoint) => endpoint.stop(drain))));
  const socketPaths = config.providers.map((dialect) => socketPathOf(config, dialect));
  const admin = opened.add(await openAdmin(config, { wire, socketPaths, metrics, served, tokenKeys }), (each) =>
    each.close(),
  );
  opened.add(await serveControlAt(config.adminSocket, cache), (each) => each.close());
  drain = config.drain;
  return { adminPort: admin?.port, stop: () => opened.close() };
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
