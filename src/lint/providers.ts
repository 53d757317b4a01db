import { type DialectName, dialectNames } from "../config/dialect-names.ts";

/** Other providers of the driver, which are no mistake. */
export const otherProviders: readonly string[] = [
  "azure",
  "gcp",
  "akeyless",
  "conjur",
  "infisical",
  "yandex",
  "oci",
  "ibm",
  "tencentcloud",
  "alibabacloud",
];

/** Narrows the name of a provider to that of a dialect. */
export function isDialect(name: string): name is DialectName {
  return dialectNames.some((known) => known === name);
}

/** Whether a provider of the driver has this name. */
export function isKnownProvider(name: string): boolean {
  return isDialect(name) || otherProviders.includes(name);
}
