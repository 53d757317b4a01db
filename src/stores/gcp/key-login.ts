import { readFile } from "node:fs/promises";
import { ProviderError } from "../../errors.ts";
import { memberOf, parseJsonOrNothing } from "../../formats/json.ts";
import { lineBreakFault, lineBreakFix } from "../../formats/pem.ts";
import type { HttpClient } from "../../http/client.ts";
import type { CallContext } from "../store.ts";
import { type AccessToken, cloudScope, type GcpLogin, tokenIn } from "./access-token.ts";
import type { Credential } from "./credentials-file.ts";
import { urlOf } from "./endpoints.ts";
import { exchangeToken } from "./exchange.ts";
import type { FailedCall } from "./failed-call.ts";
import { callGoogle } from "./http.ts";
import { becomeAccount } from "./impersonate.ts";
import type { GcpWay } from "./way.ts";

/** Logs in by credentials of a file; `http` reaches the URL that a key names. Throws `LK0032` refused, and what the way there gives. */
export async function logInByFile(
  credential: Credential,
  http: HttpClient,
  way: GcpWay,
  context: CallContext,
): Promise<GcpLogin> {
  switch (credential.type) {
    case "service_account": {
      const member = `serviceAccount:${credential.email}`;
      return { ...(await bySignature(credential, http, context)), member };
    }
    case "authorized_user":
      return { ...(await byRefreshToken(credential, way, context)), member: "user:EMAIL" };
    case "external_account":
      return await byConfiguration(credential, way, context);
  }
}

type Of<T extends Credential["type"]> = Extract<Credential, { readonly type: T }>;

/** So long a signed request for a token is good, in seconds (https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests). */
const assertionLife = 3_600;

async function bySignature(key: Of<"service_account">, http: HttpClient, context: CallContext): Promise<AccessToken> {
  const assertion = await signedBy(key);
  const about = aboutKey(
    `logging in with the key of ${key.email}`,
    [assertion],
    `check that ${key.email} exists, is enabled, and still has this key (gcloud iam service-accounts keys list)`,
  );
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  const body = new URLSearchParams(form).toString();
  return tokenIn(await callGoogle(http, { url: new URL(key.tokenUrl), body, about, counted: "login" }, context), about);
}

async function signedBy({ email, keyId, privateKey, tokenUrl }: Of<"service_account">): Promise<string> {
  const { importPKCS8, SignJWT } = await import("jose");
  const now = Math.floor(Date.now() / 1_000);
  try {
    const key = await importPKCS8(privateKey.reveal(), "RS256");
    return await new SignJWT({ iss: email, scope: cloudScope, aud: tokenUrl, iat: now, exp: now + assertionLife })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) })
      .sign(key);
  } catch {
    // What the library says can quote the key.
    const fault = lineBreakFault(privateKey.reveal());
    const why = fault === undefined ? "" : `: ${fault}`;
    throw new ProviderError("LK0016", `the private key of ${email} cannot be used${why}`, {
      login: true,
      fix: fault === undefined ? "make a key anew: gcloud iam service-accounts keys create" : lineBreakFix,
    });
  }
}

async function byRefreshToken(user: Of<"authorized_user">, way: GcpWay, context: CallContext): Promise<AccessToken> {
  const [secret, refresh] = [user.clientSecret.reveal(), user.refreshToken.reveal()];
  const about = aboutKey(
    "logging in as a user",
    [secret, refresh],
    "log in anew: gcloud auth application-default login",
  );
  const form = { grant_type: "refresh_token", client_id: user.clientId, client_secret: secret, refresh_token: refresh };
  const url = urlOf("oauth2", "global", "/token", way.host);
  const body = new URLSearchParams(form).toString();
  return tokenIn(await callGoogle(way.http, { url, body, about, counted: "login" }, context), about);
}

async function byConfiguration(
  { pool, file, field, account }: Of<"external_account">,
  way: GcpWay,
  context: CallContext,
): Promise<GcpLogin> {
  const token = await tokenOfFile(file, field);
  const bearer = await exchangeToken({ token, pool, who: "Latchkey itself" }, way, context);
  if (account === undefined) return { ...bearer, member: "Latchkey's own principal" };
  const own = await becomeAccount(
    { account, delegates: [], bearer, member: "PRINCIPAL", who: undefined },
    way,
    context,
  );
  return { ...own, member: `serviceAccount:${account}` };
}

async function tokenOfFile(file: string, field: string | undefined): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw noToken(file, cause);
  });
  const token = field === undefined ? text.trim() : memberOf(parseJsonOrNothing(text), field);
  if (typeof token === "string" && token !== "") return token;
  throw noToken(file);
}

function noToken(file: string, cause?: unknown): ProviderError {
  return new ProviderError("LK0020", `the file ${file} holds no token of Latchkey's own`, {
    ...(cause === undefined ? {} : { cause }),
    login: true,
    fix: "mount a projected service account token there",
  });
}

function aboutKey(what: string, secrets: readonly string[], refused: string): FailedCall {
  return {
    operation: "login",
    what,
    service: "Google's login service",
    api: "oauth2.googleapis.com",
    project: undefined,
    secrets,
    fix: (id) => (id === "LK0032" ? refused : undefined),
  };
}
