import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import type { VersionKeys } from "../mount/version.ts";
import { Redacted } from "../redacted.ts";

/** As long as the hash that it keys (https://www.rfc-editor.org/rfc/rfc2104#section-3). */
const leastKey = 32;

/** The keys of object versions: from files, bytes exactly as stored, or random for this process. Throws `ConfigError`. */
export async function loadVersionKeys(config: Config): Promise<VersionKeys> {
  const native = new Redacted(await readNativeKey(config.versionKeyFile));
  if (config.vaultVersionKeyFile === undefined) return { native, vault: native };
  const setting = flagOf("vaultVersionKeyFile");
  const vault = await readOperatorFile(config.vaultVersionKeyFile, setting);
  // Today's provider takes a key of any length, and it is its key.
  if (vault.length === 0) throw new ConfigError(`${setting}: the file is empty; give the key of today's provider`);
  return { native, vault: new Redacted(vault) };
}

async function readNativeKey(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) return randomBytes(leastKey);
  const setting = flagOf("versionKeyFile");
  const key = await readOperatorFile(path, setting);
  if (key.length >= leastKey) return key;
  throw new ConfigError(
    `${setting}: ${path} has ${key.length} bytes; give ${leastKey} random bytes or more (head -c 32 /dev/urandom)`,
  );
}
