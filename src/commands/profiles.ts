import { ConfigError } from "../config/config-error.ts";
import type { Profile } from "../config/profile.ts";
import type { ShapeProblem } from "../dialects/read-shape.ts";
import { isStoreKind, type Stores, storeKinds } from "../stores/store.ts";
import { checkTls } from "./check-tls.ts";

/** Checks every profile against its store's own schema, so that a wrong one stops the start. Throws `ConfigError`. */
export async function checkProfiles(profiles: ReadonlyMap<string, Profile>, stores: Stores): Promise<void> {
  for (const profile of profiles.values()) await checkProfile(profile, stores);
}

async function checkProfile({ name, kind, settings }: Profile, stores: Stores): Promise<void> {
  const place = `profiles.${name}`;
  if (!isStoreKind(kind)) {
    throw new ConfigError(`${place}.kind: ${JSON.stringify(kind)} is no store; allowed: ${storeKinds.join(", ")}`);
  }
  const { readShape } = await import("../dialects/read-shape.ts");
  const shape = readShape((await stores.load(kind)).settings("operator"), settings, ["namespaces", "prefixes"]);
  if ("problems" in shape) throw new ConfigError(shape.problems.map((problem) => told(place, problem)).join("; "));
  await checkFiles(settings, place);
}

/** What a profile says of TLS files; the schema has judged the fields. */
async function checkFiles(settings: Profile["settings"], place: string): Promise<void> {
  const text = (name: string) => (typeof settings[name] === "string" ? settings[name] : undefined);
  const [caFile, caDirectory, clientCertFile] = [text("caFile"), text("caDirectory"), text("clientCertFile")];
  if (caFile !== undefined) await checkTls({ caFile }, `${place}.caFile`);
  if (caDirectory !== undefined) await checkTls({ caDirectory }, `${place}.caDirectory`);
  if (clientCertFile === undefined) return;
  await checkTls({ clientCertFile, clientKeyFile: text("clientKeyFile") }, `${place}.clientCertFile`);
}

function told(place: string, { path, message, fix }: ShapeProblem): string {
  return `${[place, ...path].join(".")}: ${message}${fix === undefined ? "" : ` (${fix})`}`;
}
