import { ConfigError } from "../config/config-error.ts";
import { ProviderError } from "../errors.ts";
import { type TlsSettings, TrustSource } from "../http/trust.ts";

/**
 * Reads CAs and client certificates as connections will: files must be readable and hold what they should. Throws
 * `ConfigError` about `setting`.
 */
export async function checkTls(settings: TlsSettings, setting: string): Promise<void> {
  try {
    await new TrustSource(settings).current();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ConfigError(`${setting}: ${error.message}; ${error.details.fix}`);
  }
}
