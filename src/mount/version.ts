import { createHmac } from "node:crypto";
import type { Output } from "../dialects/plan.ts";
import { ProviderError } from "../errors.ts";
import type { Redacted } from "../redacted.ts";
import type { Secret } from "../stores/store.ts";

/** Keys of object versions, by the name that a plan's version rule has. */
export interface VersionKeys {
  readonly native: Redacted<Uint8Array>;
  readonly vault: Redacted<Uint8Array>;
}

/** What the driver is told about one file. */
export interface ObjectVersion {
  readonly id: string;
  readonly version: string;
}

/**
 * The version of one file, by the plan's rule. An HMAC changes exactly when path or `contents` do and tells nothing of
 * them, for versions end up in the API server. `contents` are the file's bytes, less what changes with every answer.
 */
export function versionOf(output: Output, secret: Secret, contents: Uint8Array, keys: VersionKeys): ObjectVersion {
  const rule = output.version;
  if (rule.by === "store") return { id: output.path, version: storeVersion(output, secret) };
  const prefix = rule.prefix ?? Buffer.from(`${output.path}\0`);
  const version = createHmac("sha256", keys[rule.key].reveal()).update(prefix).update(contents).digest("base64url");
  // Today's Vault provider pads; an HMAC-SHA256 is 43 characters long and needs one `=`.
  return { id: output.path, version: `${version}=` };
}

function storeVersion(output: Output, secret: Secret): string {
  if (secret.version !== undefined) return secret.version;
  throw new ProviderError("LK0036", "the store told no version", { subject: output.subject });
}
