import type { Config } from "../config/config.ts";
import type { JudgeSurroundings } from "../lint/verdict.ts";
import { syncCheckOf } from "../node/open-sync.ts";
import { addressPolicyOf, operatorDefaultsOf, storesOf } from "../node/parts.ts";

/**
 * Builds the context in which SecretProviderClasses are judged from an operator's settings; `operatorKnown` says that
 * these are all the settings that the operator has. Throws `ConfigError`.
 */
export function judgeSurroundings(config: Config, operatorKnown: boolean): JudgeSurroundings {
  return {
    ...{ operator: operatorDefaultsOf(config), stores: storesOf(config), addresses: addressPolicyOf(config) },
    operatorKnown,
    ...(operatorKnown ? { checkSecrets: syncCheckOf(config) } : {}),
  };
}
