import type { Config } from "../config/config.ts";
import { addressPolicyOf, operatorDefaultsOf, storesOf } from "./parts.ts";

/** What plans are made with, of an operator's settings. Throws `ConfigError`. */
export function planSurroundings(config: Config) {
  return { operator: operatorDefaultsOf(config), stores: storesOf(config), addresses: addressPolicyOf(config) };
}
