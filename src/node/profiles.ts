import { ConfigError } from "../config/config-error.ts";
import type { Profile } from "../config/profile.ts";
import type { ShapeProblem } from "../dialects/read-shape.ts";
import type { Warn } from "../http/pem.ts";
import { isStoreKind, storeKinds } from "../stores/index.ts";
import type { Stores } from "../stores/store.ts";
import { checkTls } from "./check-tls.ts";

/** Checks every profile against its store's own schema, so that a wrong one stops the start. Throws `ConfigError`. */
export async function checkProfiles(profiles: ReadonlyMap<string, Profile>, stores: Stores, warn: Warn): Promise<void> {
  for (const profile of profiles.values()) await checkProfile(profile, stores, warn);
}

async function checkProfile({ name, kind, settings }: Profile, stores: Stores, warn: Warn): Promise<void> {
  const place = `profiles.${name}`;
  if (!isStoreKind(kind)) {
    throw new ConfigError(
      `${place}.kind: ${JSON.stringify(kind)} is not a kind of store; allowed: ${storeKinds.join(", ")}`,
    );
  }
  const { readShape } = await import("../dialects/read-shape.ts");
  const shape = readShape((await stores.load(kind)).settings("operator"), settings, ["namespaces", "prefixes"]);
  if ("problems" in shape) throw new ConfigError(shape.problems.map((problem) => told(place, problem)).join("; "));
  await checkFiles(settings, place, warn);
}

/** Checks the CAs and TLS files of a profile; the schema has already checked the fields. */
async function checkFiles(settings: Profile["settings"], place: string, warn: Warn): Promise<void> {
  const text = (name: string) => (typeof settings[name] === "string" ? settings[name] : undefined);
  const [ca, caFile, caDirectory] = [text("ca"), text("caFile"), text("caDirectory")];
  if (ca !== undefined) await checkTls({ ca }, `${place}.ca`, warn);
  if (caFile !== undefined) await checkTls({ caFile }, `${place}.caFile`, warn);
  if (caDirectory !== undefined) await checkTls({ caDirectory }, `${place}.caDirectory`, warn);
  const clientCertFile = text("clientCertFile");
  if (clientCertFile === undefined) return;
  await checkTls({ clientCertFile, clientKeyFile: text("clientKeyFile") }, `${place}.clientCertFile`, warn);
}

function told(place: string, { path, message, fix }: ShapeProblem): string {
  return `${[place, ...path].join(".")}: ${message}${fix === undefined ? "" : ` (${fix})`}`;
}
