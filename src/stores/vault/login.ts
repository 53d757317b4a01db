import { ProviderError } from "../../errors.ts";
import { isJsonObject, JsonNumber, type JsonObject, parseJson } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { Redacted } from "../../redacted.ts";
import { tokenFor } from "../service-account-token.ts";
import type { Identity, OpenRequest } from "../store.ts";
import { cleanPath } from "./api-path.ts";
import type { VaultCall, VaultClient } from "./client.ts";
import { isSuccess } from "./complaint.ts";
import { readAppRole } from "./credentials.ts";
import { loginError } from "./errors.ts";
import { parseResponse } from "./response.ts";
import type { VaultAuth, VaultSettings } from "./types.ts";

/** The result of a login. */
export interface Login {
  readonly token: Redacted<string>;
  /** In milliseconds since the epoch; absent: the token does not end by itself. */
  readonly expiresAt?: number;
  /** False for batch tokens, which cannot be revoked. */
  readonly revocable: boolean;
  readonly renewable: boolean;
  /** How many requests may be made with the token before it is left alone; absent: any number. */
  readonly uses?: number;
  /** The login says of which pod it was: another pod may get other secrets. */
  readonly scope?: "pod";
}

/** The body that a way to log in sends, and the parts of it that no text may show. */
interface Proof {
  readonly body: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/**
 * Logs in as the identity. Throws `LK0011` without a token, `LK0016` without another credential, `LK0020` for a mount that
 * is none, `LK0032` refused, `LK0042` for a namespace that is not there, `LK0036` for an answer without a token, and what
 * the way there gives.
 */
export async function login(client: VaultClient, request: OpenRequest<VaultSettings>): Promise<Login> {
  const { settings, identity, context } = request;
  const path = loginPath(settings.auth.mount);
  const { body, secrets } = await proofOf(settings.auth, identity);
  const answer = await sent(client, {
    method: "POST",
    path,
    namespace: settings.namespace,
    body: JSON.stringify(body),
    signal: context.signal,
    resend: true,
    login: true,
    onSend: () => context.count("login"),
  });
  if (!isSuccess(answer)) {
    const who = `service account ${identity.namespace}/${identity.serviceAccount}`;
    throw loginError(answer, settings, who, secrets);
  }
  return loginOf(answer.body, identity);
}

/** Whatever keeps the call from the server keeps the login from it. */
async function sent(client: VaultClient, call: VaultCall): Promise<HttpAnswer> {
  try {
    return await client(call);
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    throw thrown.with({ login: true });
  }
}

async function proofOf(auth: VaultAuth, identity: Identity): Promise<Proof> {
  switch (auth.method) {
    case "jwt": {
      const jwt = tokenFor(identity, auth.audience).reveal();
      return { body: { jwt, role: auth.role }, secrets: [jwt] };
    }
    case "approle": {
      const { roleId, secretId } = await readAppRole(auth, identity);
      const body = { role_id: roleId, ...(secretId === undefined ? {} : { secret_id: secretId }) };
      return { body, secrets: Object.values(body) };
    }
    case "cert":
      return { body: auth.role === undefined ? {} : { name: auth.role }, secrets: [] };
  }
}

function loginPath(mount: string): string {
  const path = cleanPath(`/v1/auth/${mount}/login`);
  if (/^\/v1\/auth\/.+\/login$/.test(path)) return path;
  throw new ProviderError("LK0020", `the auth mount ${JSON.stringify(mount.slice(0, 256))} cannot be used`, {
    fix: "write the path of the auth method, such as kubernetes",
  });
}

function loginOf(body: Uint8Array, identity: Identity): Login {
  const auth = parseResponse(body)?.get("auth");
  const token = isJsonObject(auth) ? auth.get("client_token") : undefined;
  if (!isJsonObject(auth) || typeof token !== "string" || token === "") {
    throw new ProviderError("LK0036", "failed to login: the server answered without a token", {
      fix: "check that the auth mount is one of the auth method that the settings name",
      login: true,
    });
  }
  const own = ownAuth(body);
  const bound = usesOf(own);
  return {
    token: new Redacted(token),
    revocable: tokenType(own, token) === "service" && bound !== 1,
    renewable: auth.get("renewable") === true,
    // With the last use a token ends, and its leases with it: that one is left for its revocation.
    ...(bound === undefined ? {} : { uses: Math.max(1, bound - 1) }),
    ...endOfLease(auth),
    ...(namesPod(auth, identity) ? { scope: "pod" as const } : {}),
  };
}

/** The end of a token, from the `auth` of a login or a renewal. */
export function endOfLease(auth: JsonObject): { readonly expiresAt?: number } {
  const seconds = auth.get("lease_duration");
  const ms = seconds instanceof JsonNumber ? Number(seconds.text) * 1000 : 0;
  return ms > 0 ? { expiresAt: Date.now() + ms } : {};
}

function namesPod(auth: JsonObject, { pod }: Identity): boolean {
  const metadata = auth.get("metadata");
  if (pod === undefined || !isJsonObject(metadata)) return false;
  return [...metadata.values()].some((value) => value !== "" && (value === pod.name || value === pod.uid));
}

/** Returns the `auth` that the answer itself has: Go's struct drops some of it. */
function ownAuth(body: Uint8Array): JsonObject {
  const answer = parseJson(body);
  const auth = isJsonObject(answer) ? answer.get("auth") : undefined;
  return isJsonObject(auth) ? auth : new Map();
}

/** A role's `token_num_uses`; older servers do not tell it. */
function usesOf(auth: JsonObject): number | undefined {
  const uses = auth.get("num_uses");
  const count = uses instanceof JsonNumber ? Number(uses.text) : 0;
  return count >= 1 ? count : undefined;
}

/** Servers before 1.0 name none and know no batch tokens. */
function tokenType(auth: JsonObject, token: string): string {
  const type = auth.get("token_type");
  if (typeof type === "string" && type !== "") return type;
  return /^(hvb|b)\./.test(token) ? "batch" : "service";
}
