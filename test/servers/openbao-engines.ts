import type { OpenBao } from "./openbao.ts";
import type { Postgres } from "./postgres.ts";

/** The capabilities that a policy gives, by path. */
export type Rules = Readonly<Record<string, readonly string[]>>;

/** The part of a server that set-up calls need; a namespace of it is one as well. */
export type Api = Pick<OpenBao, "request">;

/** Makes or replaces a policy. */
export async function writePolicy(server: Api, policy: string, rules: Rules): Promise<void> {
  const texts = Object.entries(rules).map(([path, can]) => `path "${path}" { capabilities = ${JSON.stringify(can)} }`);
  await server.request("PUT", `sys/policies/acl/${policy}`, { policy: texts.join("\n") });
}

/** A PKI engine at `pki/` with its own root and the role `web`, for `*.shop.test`. */
export async function enablePki(server: Api): Promise<void> {
  await server.request("POST", "sys/mounts/pki", { type: "pki", config: { max_lease_ttl: "87600h" } });
  await server.request("POST", "pki/root/generate/internal", {
    common_name: "shop.test",
    ttl: "87600h",
    key_type: "ec",
  });
  const role = { allowed_domains: ["shop.test"], allow_subdomains: true, key_type: "ec", max_ttl: "72h" };
  await server.request("POST", "pki/roles/web", role);
}

/** A transit engine at `transit/` with the key `shop`. */
export async function enableTransit(server: Api): Promise<void> {
  await server.request("POST", "sys/mounts/transit", { type: "transit" });
  await server.request("POST", "transit/keys/shop", {});
}

/** A database engine at `database/` whose role `shop` makes PostgreSQL users with leases of a minute, for ten at most by default. */
export async function enableDatabase(
  server: Api,
  postgres: Postgres,
  { life = "60s", longest = "10m" } = {},
): Promise<void> {
  const { host, port, user } = postgres;
  await server.request("POST", "sys/mounts/database", { type: "database" });
  await server.request("POST", "database/config/shop", {
    plugin_name: "postgresql-database-plugin",
    allowed_roles: ["shop"],
    connection_url: `postgresql://{{username}}@${host}:${port}/postgres?sslmode=disable`,
    username: user,
  });
  await server.request("POST", "database/roles/shop", {
    db_name: "shop",
    creation_statements: [`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
    default_ttl: life,
    max_ttl: longest,
  });
}

/** The AppRole auth method with the role `ci`. Answers its `role_id` and a `secret_id`. */
export async function enableAppRole(server: Api, policies: readonly string[]) {
  await server.request("POST", "sys/auth/approle", { type: "approle" });
  await server.request("POST", "auth/approle/role/ci", { token_policies: policies, token_ttl: "1h" });
  type Answer<K extends string> = { readonly data: Readonly<Record<K, string>> };
  const role = await server.request<Answer<"role_id">>("GET", "auth/approle/role/ci/role-id");
  const secret = await server.request<Answer<"secret_id">>("POST", "auth/approle/role/ci/secret-id");
  return { roleId: role.data.role_id, secretId: secret.data.secret_id };
}

/** The TLS certificate auth method with the role `web`, for certificates of that common name. */
export async function enableCertAuth(server: Api, caPem: string, policies: readonly string[]): Promise<void> {
  await server.request("POST", "sys/auth/cert", { type: "cert" });
  const role = { certificate: caPem, allowed_common_names: ["web"], token_policies: policies, token_ttl: "1h" };
  await server.request("POST", "auth/cert/certs/web", role);
}

/** An API server that reviews tokens, with the token of a user who may ask it to. */
export interface TokenReviewer {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

/** The Kubernetes auth method, which has every token reviewed by an API server; role `shop`, by default for `shop/web`. */
export async function enableKubernetesAuth(
  server: Api,
  reviewer: TokenReviewer,
  policies: readonly string[],
  accounts = { names: ["web"], namespaces: ["shop"] },
): Promise<void> {
  await server.request("POST", "sys/auth/kubernetes", { type: "kubernetes" });
  await setTokenReviewer(server, reviewer);
  await server.request("POST", "auth/kubernetes/role/shop", {
    bound_service_account_names: accounts.names,
    bound_service_account_namespaces: accounts.namespaces,
    audience: "vault",
    token_policies: policies,
    token_ttl: "1h",
  });
}

/**
 * Sets who reviews the tokens of the Kubernetes auth method, with a token for that alone
 * (https://openbao.org/docs/auth/kubernetes/#using-an-external-jwt-as-the-reviewer-jwt).
 */
export async function setTokenReviewer(server: Api, { url, caPem, token }: TokenReviewer): Promise<void> {
  const config = { kubernetes_host: url, kubernetes_ca_cert: caPem, token_reviewer_jwt: token };
  await server.request("POST", "auth/kubernetes/config", config);
}
