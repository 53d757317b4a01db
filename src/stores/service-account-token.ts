import { ProviderError } from "../errors.ts";
import type { Redacted } from "../redacted.ts";
import type { Identity } from "./store.ts";

/** The identity's token for an audience. Throws `LK0011`, with the entry that the CSIDriver object lacks. */
export function tokenFor(identity: Identity, audience: string): Redacted<string> {
  const token = identity.tokens.get(audience);
  if (token !== undefined) return token;
  const shown = JSON.stringify(audience);
  throw new ProviderError("LK0011", `the request brought no service account token for the audience ${shown}`, {
    fix: `add \`- audience: ${shown}\` to spec.tokenRequests of the CSIDriver secrets-store.csi.k8s.io`,
  });
}
