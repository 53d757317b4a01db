import { isDialect } from "../dialects/index.ts";
import { otherProviders } from "../dialects/other-providers.ts";

/** Whether a provider of the driver has this name, and it is not a dialect of Latchkey. */
export function isOtherProvider(name: string): boolean {
  return !isDialect(name) && otherProviders.some((other) => other.name === name);
}

/** Whether a provider of the driver has this name. */
export function isKnownProvider(name: string): boolean {
  return isDialect(name) || isOtherProvider(name);
}
