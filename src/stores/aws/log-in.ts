import type { OpenRequest } from "../store.ts";
import type { Login } from "./credentials.ts";
import { askPodIdentity } from "./pod-identity.ts";
import { assumeChained } from "./role-chain.ts";
import type { AwsWay } from "./sdk-config.ts";
import type { AwsSettings } from "./types.ts";
import { assumeByToken } from "./web-identity.ts";

/**
 * Turns the pod's identity into credentials, by way of a second role where the settings name one. Throws `LK0011` without
 * a token, `LK0014` without a role, `LK0032` refused, and what the way there gives.
 */
export async function logIn(request: OpenRequest<AwsSettings>, way: AwsWay): Promise<Login> {
  const { identity, assume } = request.settings;
  const first =
    identity.by === "podIdentity" ? await askPodIdentity(request, identity, way) : await assumeByToken(request, way);
  return assume === undefined ? first : await assumeChained(request, assume, first, way);
}
