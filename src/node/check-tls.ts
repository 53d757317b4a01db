import { ConfigError } from "../config/config-error.ts";
import { ProviderError } from "../errors.ts";
import { leftOut, readBundle, type Warn } from "../http/pem.ts";
import { type TlsSettings, TrustSource } from "../http/trust.ts";

/**
 * Reads CAs and client certificates as connections will: files must be readable and hold what they should. `warn` is told
 * of single CAs that do not. Throws `ConfigError` about `setting`.
 */
export async function checkTls(settings: TlsSettings, setting: string, warn: Warn): Promise<void> {
  try {
    await new TrustSource(settings, warn).current();
    const told = settings.ca === undefined ? undefined : leftOut(readBundle(settings.ca));
    if (told !== undefined) warn(`${setting}: ${told}`);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ConfigError(`${setting}: ${error.message}; ${error.details.fix}`);
  }
}
