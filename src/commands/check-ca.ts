import { ConfigError } from "../config/config-error.ts";
import { ProviderError } from "../errors.ts";
import { TrustSource } from "../http/trust.ts";

/** Reads a CA file as connections will: it must be readable and hold certificates. Throws `ConfigError` about `setting`. */
export async function checkCa(caFile: string, setting: string): Promise<void> {
  try {
    await new TrustSource({ caFile }).current();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ConfigError(`${setting}: ${error.message}; ${error.details.fix}`);
  }
}
