import { hkdfSync } from "node:crypto";
import { systemClock } from "../async/clock.ts";
import { Cache } from "../cache/cache.ts";
import type { Ledger } from "../cache/ledger.ts";
import { DropError } from "../cache/persistence/drop-error.ts";
import type { Keeper, KeeperOptions } from "../cache/persistence/keeper.ts";
import type { WrappedKeeper } from "../cache/persistence/wrapped-keeper.ts";
import type { Config } from "../config/config.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import { errorName } from "../errors.ts";
import { secretCodec } from "../fetch/secret-codec.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { Redacted } from "../redacted.ts";
import type { Secret, Stores } from "../stores/store.ts";
import { reportVerified } from "./open-verifier.ts";
import { readNativeKey } from "./version-keys.ts";

/** The directory that keeps the cache over a restart; undefined where there is none. Throws `ConfigError`. */
export async function openCacheKeeper(config: Config, stores: Stores, log: Logger): Promise<LateKeeper | undefined> {
  const { cacheDir: directory, allowDiskCache: allowDisk, cacheBytes: mostBytes } = config;
  if (directory === undefined) return undefined;
  const { readBootId } = await import("../cache/persistence/boot.ts");
  const bootId = await readBootId();
  const options = { directory, codec: secretCodec, clock: systemClock, bootId, mostBytes, allowDisk, log };
  if (config.cacheKeyWrap !== undefined) return await openWrapped(config.cacheKeyWrap, options, config, stores);
  const { openKeeper } = await import("../cache/persistence/open-keeper.ts");
  return await openKeeper({ ...options, key: await readCacheKey(config) });
}

/** A keeper that may be able to read only later. */
type LateKeeper = Keeper<Secret> & Partial<Pick<WrappedKeeper<Secret>, "onLateLoad">>;

async function openWrapped(
  named: string,
  options: Omit<KeeperOptions<Secret>, "key">,
  config: Config,
  stores: Stores,
): Promise<LateKeeper> {
  const { openKeyWrap } = await import("./cache-key-wrap.ts");
  const wrap = await openKeyWrap(named, config, stores);
  const { WrappedKeeper } = await import("../cache/persistence/wrapped-keeper.ts");
  return await WrappedKeeper.open(options, wrap);
}

/** One key must not do two jobs, so the cache's is derived from that of versions (https://www.rfc-editor.org/rfc/rfc5869). */
async function readCacheKey({ cacheKeyFile, versionKeyFile }: Config): Promise<Redacted<Uint8Array>> {
  if (cacheKeyFile !== undefined) {
    return new Redacted<Uint8Array>(await readOperatorFile(cacheKeyFile, flagOf("cacheKeyFile")));
  }
  const versionKey = await readNativeKey(versionKeyFile);
  return new Redacted(new Uint8Array(hkdfSync("sha256", versionKey, "", "latchkey cache directory", 32)));
}

/** The cache of secrets, with what an earlier process kept. */
export async function createCache(
  config: Config,
  keeper: LateKeeper | undefined,
  log: Logger,
  { ledger, metrics }: { readonly ledger?: Ledger; readonly metrics?: Metrics } = {},
): Promise<Cache<Secret>> {
  const cache = new Cache<Secret>({
    clock: systemClock,
    random: Math.random,
    budget: { calls: config.storeConcurrency, queue: config.storeQueue },
    slowAfter: config.staleAfter,
    staleAfter: config.staleAfter,
    flightTimeout: config.mountTimeout,
    denyMemory: config.denyMemory,
    mostBytes: config.cacheBytes,
    ledger,
    same: (a, b) => Buffer.compare(a.value.reveal(), b.value.reveal()) === 0,
    keeper,
    verified: metrics && ((verified) => reportVerified(verified, log, metrics)),
    dropFailed: (error) =>
      log.error({ cause: error instanceof DropError ? error.message : errorName(error) }, "cache drop failed"),
  });
  if (keeper === undefined) return cache;
  keeper.onLateLoad?.((entries) => cache.restore(entries));
  await cache.restore(await keeper.load());
  return cache;
}
