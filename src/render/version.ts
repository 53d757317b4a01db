import { createHmac } from "node:crypto";
import { ProviderError, reportIt } from "../errors.ts";
import type { Output, Plan } from "../plan/plan.ts";
import type { Redacted } from "../redacted.ts";
import type { Secret } from "../stores/store.ts";

/** Where the keys of object versions come from, by the name that a plan's version rule has. */
export interface VersionKeys {
  /** The key, where it is known; a key that has to be asked for is not at first. */
  current(name: string): Redacted<Uint8Array> | undefined;
  /** Asks for the key. Throws what the API client throws, or `LK0015`, if it cannot be had. */
  load(name: string): Promise<unknown>;
}

/** Loads the keys that a plan's files need; undefined where all of them are known. */
export function loadKeysOf(
  { outputs, expansions = [], templates = [] }: Plan,
  keys: VersionKeys,
): Promise<unknown> | undefined {
  const names = new Set(
    [...outputs, ...expansions, ...templates].flatMap(({ version }) => (version.by === "hmac" ? [version.key] : [])),
  );
  const unknown = [...names].filter((name) => keys.current(name) === undefined);
  return unknown.length === 0 ? undefined : Promise.all(unknown.map((name) => keys.load(name)));
}

/** The fields of an output that its version needs. */
type Versioned = Pick<Output, "path" | "subject" | "version">;

/** The version of one file, as reported to the driver. */
export interface ObjectVersion {
  readonly id: string;
  readonly version: string;
}

/**
 * The version of one file, by the plan's rule. An HMAC changes exactly when path or `contents` do and tells nothing of
 * them, for versions end up in the API server. `contents` are the file's bytes, less what changes with every answer.
 */
export function versionOf(
  output: Versioned,
  secret: Secret | undefined,
  contents: Uint8Array,
  keys: VersionKeys,
): ObjectVersion {
  const rule = output.version;
  if (rule.by === "store") return { id: rule.id ?? output.path, version: storeVersion(output, secret) };
  const prefix = rule.prefix ?? Buffer.from(`${output.path}\0`);
  const version = createHmac("sha256", keyOf(rule.key, keys)).update(prefix).update(contents).digest("base64url");
  // Today's Vault provider pads; an HMAC-SHA256 is 43 characters long and needs one `=`.
  return { id: output.path, version: `${version}=` };
}

function keyOf(name: string, keys: VersionKeys): Uint8Array {
  const key = keys.current(name);
  if (key !== undefined) return key.reveal();
  throw new ProviderError("LK0001", `the key of ${name} versions was not loaded`, { fix: reportIt });
}

function storeVersion(output: Versioned, secret: Secret | undefined): string {
  if (secret?.version !== undefined) return secret.version;
  throw new ProviderError("LK0036", "the store did not say which version it gave", {
    subject: output.subject,
    fix: "check what answers at the store's address",
  });
}
