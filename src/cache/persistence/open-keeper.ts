import { ConfigError } from "../../config/config-error.ts";
import { openDirectory } from "./directory.ts";
import { FileKeeper } from "./file-keeper.ts";
import type { Keeper, KeeperOptions } from "./keeper.ts";
import { Sealer } from "./sealer.ts";

/** As long as the keys that are derived from it. */
const leastKey = 32;

/** Opens the cache directory for this process alone. Throws `ConfigError` where the directory or the key is no good. */
export async function openKeeper<V>(options: KeeperOptions<V>): Promise<Keeper<V>> {
  const key = options.key.reveal();
  if (key.length < leastKey) {
    throw new ConfigError(
      `--cache-key-file: has ${key.length} bytes; give ${leastKey} random bytes or more (head -c 32 /dev/urandom)`,
    );
  }
  const directory = await openDirectory(options.directory, options.allowDisk);
  return new FileKeeper(options, directory, new Sealer(key));
}
