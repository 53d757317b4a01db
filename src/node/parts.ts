import { resolve } from "node:path";
import { type AddressPolicy, createAddressPolicy } from "../address-policy.ts";
import { systemClock } from "../async/clock.ts";
import type { Cache } from "../cache/cache.ts";
import type { Ledger } from "../cache/ledger.ts";
import type { Keeper } from "../cache/persistence/keeper.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf } from "../config/options.ts";
import { VolumeLocks } from "../deliver/volume-locks.ts";
import type { OperatorDefaults } from "../dialects/dialect.ts";
import { dialectDefinitions } from "../dialects/index.ts";
import { ProviderError } from "../errors.ts";
import type { OperatorBounds } from "../fetch/bounds.ts";
import { createLookups } from "../fetch/lookup.ts";
import type { Warn } from "../http/pem.ts";
import { createTokenVerifier } from "../identity/token-verifier.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { TokenKeys } from "../kubernetes/token-keys.ts";
import type { Logger } from "../log.ts";
import type { MountParts } from "../mount/mount-parts.ts";
import { MountedTargets } from "../mount/mounted-targets.ts";
import { Mounter } from "../mount/mounter.ts";
import type { VersionKeys } from "../render/version.ts";
import type { StoreHost } from "../stores/host.ts";
import { createStores, storeFamilies } from "../stores/index.ts";
import type { Secret, Stores } from "../stores/store.ts";
import type { SecretSync } from "../sync/secret-sync.ts";
import { openNodeLabels, openPodTokens } from "./cluster.ts";
import type { WatchedProfiles } from "./watched-profiles.ts";

/** Which addresses SecretProviderClasses may choose. Throws `ConfigError`. */
export function addressPolicyOf(config: Config): AddressPolicy {
  try {
    return createAddressPolicy(config.allowAddress);
  } catch (error) {
    throw error instanceof ProviderError ? new ConfigError(`${flagOf("allowAddress")}: ${error.describe()}`) : error;
  }
}

function isRefused(policy: AddressPolicy, host: string): boolean {
  try {
    policy.checkHost(host);
    return false;
  } catch (error) {
    if (error instanceof ProviderError) return true;
    throw error;
  }
}

/** The stores of a process, none of them loaded yet. `records` as in `StoreHost`; the ledger says how much they keep. Throws `ConfigError`. */
export function storesOf(config: Config, warn?: Warn, records?: StoreHost["records"], ledger?: Ledger): Stores {
  return createStores({
    addresses: addressPolicyOf(config),
    concurrency: config.storeConcurrency,
    proxies: { http: config.httpProxy, https: config.httpsProxy, no: config.proxyBypass },
    warn,
    account: ledger && ((drop) => ledger.part(drop)),
    records,
    families: Object.fromEntries(storeFamilies.map(({ name, host }) => [name, host?.(config)])),
  });
}

/** Returns the operator's defaults for what SecretProviderClasses leave out; `profiles` are the current ones. */
export function operatorDefaultsOf(
  config: Config,
  profiles: Pick<WatchedProfiles, "current"> = { current: config.profiles },
): OperatorDefaults {
  return {
    get profiles() {
      return profiles.current;
    },
    inlineStores: config.inlineStores,
    dialects: Object.fromEntries(dialectDefinitions.map(({ name, operator }) => [name, operator(config)])),
    defaultAddress: isRefused(addressPolicyOf(config), "127.0.0.1") ? "refused" : undefined,
    verify: config.verify,
    tlsDir: config.tlsDir,
    ownFiles: ownFilesOf(config),
  };
}

/** Where Latchkey's own keys, tokens and certificates lie, as absolute paths. */
function ownFilesOf(config: Config): readonly string[] {
  const named = [
    ...[
      config.versionKeyFile,
      config.cacheKeyFile,
      config.auditKeyFile,
      config.kubernetesTokenFile,
      config.cacheKeyWrapTokenFile,
    ],
    ...dialectDefinitions.map(
      ({ versionKey }) => versionKey && (config[versionKey.file as keyof Config] as string | undefined),
    ),
    ...storeFamilies.flatMap(({ ownFiles }) => ownFiles?.(config) ?? []),
  ];
  return named.flatMap((file) => (file === undefined ? [] : [resolve(file)]));
}

function boundsIn({ refresh, minRefresh, maxStale, spread, canary, canaryHold }: Config): OperatorBounds {
  return { refresh, minRefresh, maxStale, spread, canary, canaryHold };
}

/** The parts of a mounter, besides the settings. */
interface MounterParts {
  readonly api: KubernetesApi | undefined;
  readonly tokenKeys: TokenKeys;
  readonly stores: Stores;
  readonly keeper: Keeper<Secret> | undefined;
  readonly versionKeys: VersionKeys;
  readonly cache: Cache<Secret>;
  readonly log: Logger;
  readonly ledger?: MountParts["ledger"];
  readonly metrics?: MountParts["metrics"];
  /** Where they can change; those of the settings where it is left out. */
  readonly profiles?: WatchedProfiles;
  readonly sync?: SecretSync | undefined;
  readonly leases?: MountParts["leases"];
  /** Absent: nothing is kept over a restart. */
  readonly targets?: MountedTargets;
  readonly tries?: MountParts["tries"];
  readonly audit?: MountParts["audit"];
  readonly encode: MountParts["encode"];
}

/** The way of a mount, for a process that serves and for a single mount from a shell. Throws `ConfigError`. */
export function createMounter(config: Config, parts: MounterParts): Mounter {
  const { api, tokenKeys, stores, keeper, versionKeys, cache, log, encode } = parts;
  const { profiles, metrics, sync, audit, ledger, leases, targets, tries } = parts;
  return new Mounter({
    stores,
    lookups: createLookups(api, systemClock),
    nodeLabels: openNodeLabels(config, api, keeper),
    cache,
    ledger,
    clock: systemClock,
    bounds: boundsIn(config),
    podTokens: openPodTokens(config, api, stores),
    verifier: createTokenVerifier(tokenKeys),
    operator: operatorDefaultsOf(config, profiles),
    versionKeys,
    sync,
    audit,
    leases,
    targets: targets ?? new MountedTargets(systemClock),
    tries,
    delivery: {
      by: config.deliver,
      kubeletDir: config.kubeletDir,
      allowDisk: config.allowDiskTarget,
      maxReplyBytes: config.maxReplyBytes,
      locks: new VolumeLocks(),
    },
    log,
    metrics,
    encode,
  });
}
