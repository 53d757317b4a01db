import { ProviderError } from "../../errors.ts";
import { isJsonObject, JsonNumber, type JsonObject, parseJson } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import { tokenFor } from "../service-account-token.ts";
import type { OpenRequest } from "../store.ts";
import { cleanPath } from "./api-path.ts";
import type { VaultClient } from "./client.ts";
import { loginError } from "./errors.ts";
import { parseResponse } from "./response.ts";
import type { VaultSettings } from "./types.ts";

/** What a login gave. */
export interface Login {
  readonly token: Redacted<string>;
  /** In milliseconds since the epoch; absent: the token does not end by itself. */
  readonly expiresAt?: number;
  /** False for batch tokens, which cannot be revoked. */
  readonly revocable: boolean;
}

/**
 * Logs in at the Kubernetes or JWT auth method with the identity's token. Throws `LK0011` without a token, `LK0020` for a
 * mount that is none, `LK0032` refused, `LK0036` for an answer without a token, and what the way there gives.
 */
export async function login(client: VaultClient, request: OpenRequest<VaultSettings>): Promise<Login> {
  const { settings, identity, context } = request;
  const { audience, mount, role } = settings.auth;
  const jwt = tokenFor(identity, audience).reveal();
  const answer = await client({
    method: "POST",
    path: loginPath(mount),
    namespace: settings.namespace,
    body: JSON.stringify({ jwt, role }),
    signal: context.signal,
    resend: true,
    onSend: () => context.count("login"),
  });
  if (answer.status < 200 || answer.status > 299) {
    const who = `service account ${identity.namespace}/${identity.serviceAccount}`;
    throw loginError(answer, settings, who, jwt);
  }
  return loginOf(answer.body);
}

function loginPath(mount: string): string {
  const path = cleanPath(`/v1/auth/${mount}/login`);
  if (/^\/v1\/auth\/.+\/login$/.test(path)) return path;
  throw new ProviderError("LK0020", `the auth mount ${JSON.stringify(mount.slice(0, 256))} cannot be used`, {
    fix: "write the path of the Kubernetes or JWT auth method, such as kubernetes",
  });
}

function loginOf(body: Uint8Array): Login {
  const auth = parseResponse(body)?.get("auth");
  const token = isJsonObject(auth) ? auth.get("client_token") : undefined;
  if (!isJsonObject(auth) || typeof token !== "string" || token === "") {
    throw new ProviderError("LK0036", "the server answered the login without a token", {
      fix: "check that the auth mount is a Kubernetes or JWT auth method",
    });
  }
  const seconds = auth.get("lease_duration");
  const ms = seconds instanceof JsonNumber ? Number(seconds.text) * 1000 : 0;
  return {
    token: new Redacted(token),
    revocable: tokenType(parseJson(body) as JsonObject, token) === "service",
    ...(ms > 0 ? { expiresAt: Date.now() + ms } : {}),
  };
}

/** Go's struct drops the type, so it is read from the answer itself; servers before 1.0 name none and know no batch tokens. */
function tokenType(answer: JsonObject, token: string): string {
  const auth = answer.get("auth");
  const type = isJsonObject(auth) ? auth.get("token_type") : undefined;
  if (typeof type === "string" && type !== "") return type;
  return /^(hvb|b)\./.test(token) ? "batch" : "service";
}
