import { startOpenBao } from "../test/servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2, writeJwtRole } from "../test/servers/openbao-setup.ts";
import type { StartStore } from "./store.ts";

const ROLE = "payment-service";

function spc(address: string): string {
  return `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: { name: web, namespace: shop }
spec:
  provider: vault
  parameters:
    vaultAddress: "${address}"
    roleName: "${ROLE}"
    objects: |
      - objectName: "db-password"
        secretPath: "secret/data/production/db"
        secretKey: "password"
      - objectName: "db-username"
        secretPath: "secret/data/production/db"
        secretKey: "username"
      - objectName: "api-key"
        secretPath: "secret/data/production/api"
        secretKey: "key"
        filePermission: 0400
`;
}

function mistake(address: string): string {
  return `spec:
  provider: vault
  parameters:
    vaultAddress: "${address}"
    roleName: "${ROLE}"
    objects: |
      - objectName: "db-password"
        secretPath: "secret/data/production/bd"  # no such secret
        secretKey: "password"
      - objectName: "admin-password"
        secretPath: "secret/data/admin"          # not the role's
        secretKey: "password"
`;
}

/** A real OpenBao server over TLS, with the JWT auth method and the SecretProviderClass of today's Vault provider. */
export const startOpenBaoStore: StartStore = async (issuer) => {
  const bao = await startOpenBao({ tls: true });
  await putKv2(bao, "production/db", { username: "shop", password: "first-demo-password" });
  await putKv2(bao, "production/api", { key: "not-a-real-key" });
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem(), issuer: issuer.issuer });
  await allowReads(bao, "production", ["secret/data/production/*"]);
  const subject = "system:serviceaccount:shop:web";
  await writeJwtRole(bao, { role: ROLE, audience: "vault", subject, policies: ["production"] });
  return {
    ...{ called: "OpenBao", provider: "vault", spc: spc(bao.address) },
    mistake: {
      spc: mistake(bao.address),
      what: "that names a missing secret and a denied one",
      named: "the missing secret and the denied one are",
      says: ["db-password", "admin-password"],
    },
    files: [
      ["api-key", "-r--------"],
      ["db-password", "-rw-r--r--"],
      ["db-username", "-rw-r--r--"],
    ],
    flags: ["--vault-tls-ca-cert", bao.caFile ?? ""],
    rotated: "db-password",
    rotate: async () => {
      await putKv2(bao, "production/db", { username: "shop", password: "second-demo-password" });
    },
    goAway: bao.seal,
    comeBack: bao.unseal,
    deny: () => allowReads(bao, "production", ["secret/data/elsewhere"]),
    reads: async () => {
      const audited = await bao.audited();
      return audited.filter(({ operation, byRoot }) => operation === "read" && !byRoot).length;
    },
    stop: bao.stop,
  };
};
