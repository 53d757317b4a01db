import { unwatchFile, watchFile } from "node:fs";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import type { Profile } from "../config/profile.ts";
import { errorName } from "../errors.ts";
import type { Warn } from "../http/pem.ts";
import type { Logger } from "../log.ts";
import type { Stores } from "../stores/store.ts";
import { options } from "./options.ts";
import { checkProfiles } from "./profiles.ts";

/** How often the config file is looked at, in milliseconds; a ConfigMap takes a minute to get to the node anyway. */
const interval = 2_000;

/** The operator's profiles as they are now. */
export interface WatchedProfiles {
  /** Another map whenever they have changed. */
  readonly current: ReadonlyMap<string, Profile>;
  close(): void;
}

/**
 * Takes the profiles of the config file anew whenever it changes; one that cannot be used leaves the last good ones in
 * force, and is logged. Other settings count from the start of the process on.
 */
export function watchProfiles(config: Config, stores: Stores, log: Logger, warn: Warn): WatchedProfiles {
  const path = config.config;
  const profiles = { current: config.profiles };
  if (path === undefined) return { ...profiles, close: () => undefined };

  async function reload(file: string): Promise<void> {
    try {
      const { parseConfigFile } = await import("../config/config-file.ts");
      const { profiles: read } = parseConfigFile(await readOperatorFile(file, flagOf("config")), file, options);
      await checkProfiles(read, stores, warn);
      profiles.current = read;
      log.info({ profiles: read.size }, "profiles read again");
    } catch (error) {
      const cause = error instanceof ConfigError ? error.message : errorName(error);
      log.error({ cause }, "the changed config file cannot be used: its last good profiles stay in force");
    }
  }

  // By polling: the file of a ConfigMap is a link behind a link, which events of the file system do not follow.
  const changed = () => void reload(path);
  watchFile(path, { interval, persistent: false }, changed);
  return {
    get current() {
      return profiles.current;
    },
    close: () => unwatchFile(path, changed),
  };
}
