import type { Config } from "../config/config.ts";
import type { JudgeSurroundings } from "../lint/judge.ts";
import { syncCheckOf } from "./open-sync.ts";
import { addressPolicyOf, operatorDefaultsOf, storesOf } from "./parts.ts";

/**
 * What SecretProviderClasses are judged with, of an operator's settings; `operatorKnown` where they are all that the operator
 * says. Throws `ConfigError`.
 */
export function judgeSurroundings(config: Config, operatorKnown: boolean): JudgeSurroundings {
  return {
    ...{ operator: operatorDefaultsOf(config), stores: storesOf(config), addresses: addressPolicyOf(config) },
    operatorKnown,
    ...(operatorKnown ? { checkSecrets: syncCheckOf(config) } : {}),
  };
}
