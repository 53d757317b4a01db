import { createHash, hkdfSync } from "node:crypto";
import { hostname } from "node:os";
import { systemClock } from "../async/clock.ts";
import { Cache } from "../cache/cache.ts";
import { DropError } from "../cache/persistence/drop-error.ts";
import type { Keeper } from "../cache/persistence/keeper.ts";
import type { Config } from "../config/config.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import { errorName } from "../errors.ts";
import { secretCodec } from "../fetch/secret-codec.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { Redacted } from "../redacted.ts";
import type { Secret } from "../stores/store.ts";
import { reportVerified } from "./open-verifier.ts";
import { readNativeKey } from "./version-keys.ts";

/** The directory that keeps the cache over a restart; undefined where there is none. Throws `ConfigError`. */
export async function openCacheKeeper(config: Config, log: Logger): Promise<Keeper<Secret> | undefined> {
  const { cacheDir: directory, allowDiskCache: allowDisk, cacheBytes: mostBytes } = config;
  if (directory === undefined) return undefined;
  const { openKeeper } = await import("../cache/persistence/open-keeper.ts");
  const { readBootId } = await import("../cache/persistence/boot.ts");
  const key = await readCacheKey(config);
  const bootId = await readBootId();
  return await openKeeper({
    directory,
    key,
    codec: secretCodec,
    clock: systemClock,
    bootId,
    mostBytes,
    allowDisk,
    log,
  });
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
  keeper: Keeper<Secret> | undefined,
  log: Logger,
  metrics?: Metrics,
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
    place: placeOf(config.nodeName ?? hostname()),
    same: (a, b) => Buffer.compare(a.value.reveal(), b.value.reveal()) === 0,
    keeper,
    verified: metrics && ((verified) => reportVerified(verified, log, metrics)),
    dropFailed: (error) =>
      log.error({ cause: error instanceof DropError ? error.message : errorName(error) }, "cache drop failed"),
  });
  if (keeper !== undefined) await cache.restore(await keeper.load());
  return cache;
}

/** Where a node stands in a window, from 0 to 1, by its name: the same at every start. */
function placeOf(node: string): number {
  return createHash("sha256").update(node).digest().readUInt32BE() / 2 ** 32;
}
