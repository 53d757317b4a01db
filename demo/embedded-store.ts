import { createLocalJWKSet, jwtVerify } from "jose";
import { type Answer, type RecordedRequest, startScripted } from "../test/servers/scripted.ts";
import type { TokenIssuer } from "../test/tokens.ts";
import type { StartStore } from "./store.ts";

function spc(address: string): string {
  return `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: { name: web, namespace: shop }
spec:
  provider: latchkey
  parameters:
    stores: |
      vault:
        { kind: vault, role: web, address: "${address}" }
    secrets: |
      - store: vault
        name: secret/data/db             # one secret, two files
        files:
          - { path: db/username, key: username }
          - { path: db/password, key: password, mode: "0400" }
      - store: vault
        name: secret/data/stripe
        files: [{ path: stripe.key, key: key, mode: "0444" }]
`;
}

function mistake(address: string): string {
  return `spec:
  provider: latchkey
  parameters:
    stores: |
      vault:
        { kind: vault, role: web, address: "${address}" }
    secrets: |
      - store: vualt                     # the store is called vault
        name: secret/data/db
        files: [{ path: db/password, kee: password }]
      - store: vault
        name: secret/data/stripe
        files: [{ path: stripe.key, key: key, mode: "0999" }]
`;
}

const subject = "system:serviceaccount:shop:web";

/** The contents of the server, and whether it may give them out. */
interface State {
  readonly issuer: TokenIssuer;
  readonly secrets: Map<string, Readonly<Record<string, string>>>;
  readonly tokens: Set<string>;
  denied: boolean;
  away: boolean;
  reads: number;
}

/** A server in this process that speaks as much of Vault's HTTP API as one login and KV version 2 need. */
export const startEmbeddedStore: StartStore = async (issuer) => {
  const secrets = new Map<string, Readonly<Record<string, string>>>([
    ["db", { username: "shop", password: "first-demo-password" }],
    ["stripe", { key: "not-a-real-key" }],
  ]);
  const state: State = { issuer, secrets, tokens: new Set(), denied: false, away: false, reads: 0 };
  const server = await startScripted((request) => answer(state, request));
  return {
    ...{ called: "the store", provider: "latchkey", spc: spc(server.url) },
    mistake: {
      spc: mistake(server.url),
      what: "with mistakes",
      named: "every mistake in the SecretProviderClass is",
      says: ['"vualt"', '"kee"', '"0999"'],
    },
    files: [
      ["db/password", "-r--------"],
      ["db/username", "-rw-r--r--"],
      ["stripe.key", "-r--r--r--"],
    ],
    flags: [],
    rotated: "db/password",
    rotate: async () => {
      secrets.set("db", { username: "shop", password: "second-demo-password" });
    },
    goAway: async () => {
      state.away = true;
    },
    comeBack: async () => {
      state.away = false;
    },
    deny: async () => {
      state.denied = true;
    },
    reads: async () => state.reads,
    stop: server.stop,
  };
};

async function answer(state: State, { method, path, headers, body }: RecordedRequest): Promise<Answer> {
  if (state.away) return "reset";
  if (method === "POST" && path === "/v1/auth/kubernetes/login") return await logIn(state, JSON.parse(body));
  const [, name = ""] = /^\/v1\/secret\/data\/(\w+)$/.exec(path) ?? [];
  state.reads += 1;
  if (state.denied || !state.tokens.has(String(headers["x-vault-token"]))) return failure(403, "permission denied");
  const data = state.secrets.get(name);
  if (method !== "GET" || data === undefined) return { status: 404, body: { errors: [] } };
  const metadata = { created_time: "2026-01-01T00:00:00Z", version: 1 };
  return { body: { request_id: crypto.randomUUID(), data: { data, metadata } } };
}

/** The pod's own token, which the cluster has signed. */
async function logIn({ issuer, tokens }: State, { jwt, role }: { jwt: string; role: string }): Promise<Answer> {
  try {
    const keys = createLocalJWKSet(issuer.jwks());
    await jwtVerify(jwt, keys, { issuer: issuer.issuer, audience: "vault", subject });
  } catch (error) {
    return failure(403, error instanceof Error ? error.message : "permission denied");
  }
  if (role !== "web") return failure(400, `invalid role name "${role}"`);
  const token = crypto.randomUUID();
  tokens.add(token);
  return { body: { auth: { client_token: token, lease_duration: 3600, renewable: true, token_type: "service" } } };
}

function failure(status: number, why: string): Answer {
  return { status, body: { errors: [why] } };
}
