import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf, type OptionValues, options } from "../config/options.ts";
import type { StoreKind, Stores } from "../stores/store.ts";
import { checkCa } from "./check-ca.ts";

/** A flag that becomes a field of a store's settings where a SecretProviderClass says nothing. */
type JudgedFlag = readonly [flag: keyof OptionValues, kind: StoreKind, field: string];

const judged: readonly JudgedFlag[] = [
  ["vaultMount", "vault", "mount"],
  ["vaultNamespace", "vault", "namespace"],
  ["vaultTlsServerName", "vault", "tlsServerName"],
  ["awsRegion", "aws-secrets-manager", "region"],
];

/** Checks what flags say of stores by the stores' own schemas, so that a wrong word stops the start. Throws `ConfigError`. */
export async function checkStoreFlags(config: Config, stores: Stores): Promise<void> {
  for (const flag of judged) {
    // A store is loaded only where somebody set something.
    if (config[flag[0]] !== options[flag[0]].fallback) await checkFlag(config, flag, stores);
  }
  if (config.vaultTlsCaCert !== undefined) await checkCa(config.vaultTlsCaCert, flagOf("vaultTlsCaCert"));
}

/** The other fields of the settings are missing here; only problems of this one count. */
async function checkFlag(config: Config, [flag, kind, field]: JudgedFlag, stores: Stores): Promise<void> {
  const { readShape } = await import("../dialects/read-shape.ts");
  const shape = readShape((await stores.load(kind)).settings("operator"), { [field]: config[flag] });
  const problem = "problems" in shape ? shape.problems.find(({ path }) => path[0] === field) : undefined;
  if (problem === undefined) return;
  throw new ConfigError(`${flagOf(flag)}: ${JSON.stringify(config[flag])} ${problem.message}`);
}
