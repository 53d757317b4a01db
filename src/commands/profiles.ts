import { ConfigError } from "../config/config-error.ts";
import type { Profile } from "../config/profile.ts";
import { isStoreKind, type Stores, storeKinds } from "../stores/store.ts";

/** Checks every profile against its store's own schema, so that a wrong one stops the start. Throws `ConfigError`. */
export async function checkProfiles(profiles: ReadonlyMap<string, Profile>, stores: Stores): Promise<void> {
  for (const { name, kind, settings } of profiles.values()) {
    if (!isStoreKind(kind)) {
      throw new ConfigError(
        `profiles.${name}.kind: ${JSON.stringify(kind)} is no store; allowed: ${storeKinds.join(", ")}`,
      );
    }
    const parsed = (await stores.load(kind)).settings("operator").safeParse({ kind, ...settings });
    const issue = parsed.error?.issues[0];
    if (issue !== undefined) throw new ConfigError(`profiles.${[name, ...issue.path].join(".")}: ${issue.message}`);
  }
}
