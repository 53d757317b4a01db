import type { OpenBao } from "./openbao.ts";
import { mountKv } from "./openbao-api.ts";

/** Fields of a KV secret. */
export type Fields = Readonly<Record<string, unknown>>;

/** Who may log in, by the token's claims, and what they get. */
export interface JwtRole {
  /** Auth mount; default `kubernetes`, where providers look without being told. */
  readonly mount?: string;
  readonly role: string;
  readonly audience: string;
  /** `system:serviceaccount:<namespace>:<name>`; absent: every subject. */
  readonly subject?: string;
  readonly policies: readonly string[];
  /** Such as `1h`. */
  readonly ttl?: string;
}

/** Enables the JWT auth method with the issuer's public key, as if it were the cluster's; the login looks the same as Kubernetes auth's. */
export async function enableJwtAuth(
  server: OpenBao,
  options: { publicKeyPem: string; mount?: string; issuer?: string },
): Promise<void> {
  const { publicKeyPem, mount = "kubernetes", issuer } = options;
  await server.request("POST", `sys/auth/${mount}`, { type: "jwt" });
  await server.request("POST", `auth/${mount}/config`, {
    jwt_validation_pubkeys: [publicKeyPem],
    ...(issuer === undefined ? {} : { bound_issuer: issuer }),
  });
}

/** Makes or replaces a role of the JWT auth method. */
export async function writeJwtRole(server: OpenBao, role: JwtRole): Promise<void> {
  await server.request("POST", `auth/${role.mount ?? "kubernetes"}/role/${role.role}`, {
    role_type: "jwt",
    user_claim: "sub",
    bound_audiences: [role.audience],
    ...(role.subject === undefined ? {} : { bound_subject: role.subject }),
    token_policies: role.policies,
    token_ttl: role.ttl ?? "1h",
  });
}

/** Makes or replaces a policy that may read these paths (`secret/data/shop/*`). */
export async function allowReads(server: OpenBao, policy: string, paths: readonly string[]): Promise<void> {
  const rules = paths.map((path) => `path ${JSON.stringify(path)} { capabilities = ["read"] }`);
  await server.request("PUT", `sys/policies/acl/${policy}`, { policy: rules.join("\n") });
}

/** Enables a KV engine; `secret/` (version 2) is there from the start. */
export function enableKv(server: OpenBao, mount: string, version: 1 | 2): Promise<void> {
  return mountKv(server, mount, version);
}

/** Writes a version of a KV v2 secret; `path` without `data/`. Answers the new version number. */
export async function putKv2(server: OpenBao, path: string, fields: Fields, mount = "secret"): Promise<number> {
  const answer = await server.request<{ data: { version: number } }>("POST", `${mount}/data/${path}`, { data: fields });
  return answer.data.version;
}

/** Writes a KV v1 secret. */
export async function putKv1(server: OpenBao, path: string, fields: Fields, mount: string): Promise<void> {
  await server.request("POST", `${mount}/${path}`, fields);
}

/** The role `all`: a token of the issuer for `vault` may read these paths, by default every secret in `secret/`. */
export async function letEverybodyRead(
  server: OpenBao,
  publicKeyPem: string,
  paths: readonly string[] = ["secret/data/*"],
): Promise<void> {
  await enableJwtAuth(server, { publicKeyPem });
  await allowReads(server, "all", paths);
  await writeJwtRole(server, { role: "all", audience: "vault", policies: ["all"] });
}
