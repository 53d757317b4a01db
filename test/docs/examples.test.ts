import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../driver/atomic-writer.ts";
import { startNode, type TestNode } from "../e2e/node.ts";
import { azureTenant, type FakeAzure, startAzure } from "../servers/azure.ts";
import { createAuthority } from "../servers/certificates.ts";
import { clusterPool, type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableJwtAuth, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { documentedClasses } from "./blocks.ts";
import { type Example, parseObjects } from "./documents.ts";

const examples = await documentedClasses();

/** The secrets that the documents speak of. */
const database = { username: "shop", password: "example-password" };
const stripe = "not-a-real-key";

let directory: string;
let bao: OpenBao;
let moto: Moto;
let gcp: GcpServer;
let kubernetes: KubernetesApi;
let azure: FakeAzure;
let node: TestNode;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  directory = await mkdtemp(join(tmpdir(), "lk-docs-"));
  [bao, moto, gcp, azure, kubernetes] = await Promise.all([
    ...([startBao(issuer), startAws(), startGoogle(), startVaults(), startKubernetes(issuer)] as const),
    writeFiles(),
  ]);
  kubernetes.setServiceAccount("shop", "payments", {
    annotations: {
      "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/payments",
      "azure.workload.identity/client-id": azureClient,
      "azure.workload.identity/tenant-id": azureTenant,
    },
  });
  await kubernetes.writeCredentials(directory);
  node = await startNode({
    issuer,
    config: `profiles: { demo-files: { kind: file, directory: "${directory}/{namespace}", namespaces: [shop] } }`,
    flags: {
      providers: "latchkey,vault,openbao,aws,gcp,azure",
      azureLoginUrl: azure.host.loginUrl,
      azureVaultUrl: azure.host.vaultUrl,
      allowAddress: "127.0.0.1",
      awsEndpointUrl: moto.url,
      ...gcpEndpoints(gcp.url),
      sopsAgeKeyFile: join(import.meta.dirname, "keys/age.txt"),
      sealedSecretsKeys: join(import.meta.dirname, "keys/sealed-secrets.key"),
      kubernetesApi: kubernetes.url,
      kubernetesTokenFile: join(directory, "token"),
      kubernetesCaFile: join(directory, "ca.crt"),
      ...{ sync: "true", syncMetadataPrefixes: "example.com/", versionKeyFile: join(directory, "version.key") },
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([bao?.stop(), moto?.stop(), gcp?.stop(), azure?.stop(), kubernetes?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

/** The one thing that is changed in a document before it is mounted: the address of its Vault server. */
function withAddress(yaml: string): string {
  const known = /https:\/\/(?:vault|vault-b|bao)\.internal:8200|http:\/\/openbao\.openbao\.svc:8200/g;
  return yaml.replaceAll(known, bao.address);
}

const azureClient = "aaaaaaaa-0000-0000-0000-000000000001";

/** The vaults that the documents speak of, the second one empty: it is asked in outages only. */
async function startVaults(): Promise<FakeAzure> {
  const started = await startAzure();
  started.login.federate(azureClient, "system:serviceaccount:shop:payments");
  const vault = started.vault("shop");
  vault.allow(azureClient);
  for (const value of ["older-password", database.password]) vault.setSecret("db-password", value);
  vault.setSecret("stripe", stripe);
  vault.setSecret("keystore-password", "changeit");
  for (const name of ["feature-one", "feature-two"]) vault.setSecret(name, "on");
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  vault.setKey("signing", pair.publicKey.export({ format: "jwk" }) as Record<string, unknown>);
  const { key, cert } = await (await createAuthority()).issue();
  vault.setSecret("tls", `${key}${cert}`, { contentType: "application/x-pem-file", kid: "key" });
  return started;
}

async function startBao(issuer: TokenIssuer): Promise<OpenBao> {
  const server = await startOpenBao();
  await enableJwtAuth(server, { publicKeyPem: issuer.publicKeyPem() });
  await server.request("PUT", "sys/policies/acl/payments", { policy });
  await server.request("POST", "auth/kubernetes/role/payment-service", {
    role_type: "jwt",
    user_claim: "sub",
    bound_audiences: ["vault", "openbao"],
    bound_subject: "system:serviceaccount:shop:payments",
    token_policies: ["payments"],
  });
  await putKv2(server, "production/db", database);
  await issueCertificates(server);
  await fillNamespace(server);
  return server;
}

const policy = `
path "secret/data/production/*" { capabilities = ["read"] }
path "secret/metadata/production/*" { capabilities = ["list"] }
path "team/kv/*" { capabilities = ["read"] }
path "pki/issue/payments" { capabilities = ["update"] }
`;

async function issueCertificates(server: OpenBao): Promise<void> {
  await server.request("POST", "sys/mounts/pki", { type: "pki" });
  await server.request("POST", "pki/root/generate/internal", { common_name: "example", key_type: "ec", ttl: "72h" });
  const role = { allowed_domains: ["shop.svc"], allow_subdomains: true, key_type: "ec", max_ttl: "48h" };
  await server.request("POST", "pki/roles/payments", role);
}

async function fillNamespace(server: OpenBao): Promise<void> {
  await server.request("POST", "sys/namespaces/team");
  await server.request("POST", "team/sys/mounts/kv", { type: "kv", options: { version: "1" } });
  await server.request("POST", "team/kv/api", { key: "example-key" });
}

async function startAws(): Promise<Moto> {
  const server = await startMoto();
  await server.createSecret("eu-west-1", "prod/db", JSON.stringify({ ...database, password: "old-password" }));
  await server.putSecret("eu-west-1", "prod/db", JSON.stringify(database));
  await server.createSecret("eu-west-1", "prod/stripe", stripe);
  await server.putParameter("eu-west-1", "/shop/url", "https://old.example", "String", ["stable"]);
  await server.putParameter("eu-west-1", "/shop/url", "https://new.example");
  return server;
}

async function startGoogle(): Promise<GcpServer> {
  const server = await startGcp();
  server.addSecret("db", JSON.stringify({ ...database, password: "old-password" }));
  server.addSecret("db", JSON.stringify(database));
  server.addSecret("stripe", stripe, { location: "europe-west1" });
  server.putParameter("app", "v1", "mode: shop");
  for (const name of ["feature-dark", "feature-fast"]) server.addSecret(name, "on", { labels: { team: "shop" } });
  return server;
}

async function writeFiles(): Promise<void> {
  await mkdir(join(directory, "shop"));
  await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
  await writeFile(join(directory, "shop/db.yaml"), `username: ${database.username}\npassword: ${database.password}\n`);
  await writeFile(join(directory, "shop/stripe.key"), stripe);
}

interface SecretProviderClass {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly provider: string; readonly parameters: Readonly<Record<string, string>> };
}

async function mount({ yaml, place }: Example) {
  const [object] = parseObjects(withAddress(yaml));
  const { metadata, spec } = object as unknown as SecretProviderClass;
  kubernetes.setClass(metadata.namespace, metadata.name, spec);
  return await node.publish({
    ...spec,
    secretProviderClass: metadata.name,
    pod: { namespace: metadata.namespace, uid: place.replace(/\W/g, "-") },
    audiences: ["vault", "openbao", "sts.amazonaws.com", "api://AzureADTokenExchange", clusterPool],
  });
}

describe("documentation", () => {
  it("has an example of every dialect, in docs/tour.md and in deploy/examples", () => {
    const providers = (folder: string) =>
      examples
        .filter(({ place }) => place.startsWith(folder))
        .map(({ yaml }) => /provider: (\w+)/.exec(yaml)?.[1])
        .sort();
    expect(new Set(providers("docs/tour.md"))).toEqual(new Set(["aws", "latchkey", "vault"]));
    const all = new Set(["aws", "azure", "gcp", "latchkey", "openbao", "vault"]);
    expect(new Set(providers("deploy/examples/"))).toEqual(all);
  });

  it("has the Kubernetes Secrets written that deploy/examples speaks of", async () => {
    const example = examples.find(({ place }) => place.endsWith("native-kubernetes-secrets.yaml"));
    if (example === undefined) throw new Error("there is no such example");
    await mount(example);
    // They are written side by side.
    const names = [...kubernetes.secrets.keys()].filter((name) => name.startsWith("shop/payments-")).sort();
    expect(names).toEqual([expect.stringMatching(/^shop\/payments-app-[0-9a-f]{10}$/), "shop/payments-db"]);
    expect(kubernetes.secret("shop", "payments-db")).toEqual({
      username: Buffer.from(database.username).toString("base64"),
      password: Buffer.from(database.password).toString("base64"),
    });
  });

  it.each(examples)(
    "mounts the SecretProviderClass of $place and finds the files that the text shows",
    async (example) => {
      const { target, podStatus } = await mount(example);
      const paths = await filesBelow(join(target, "..data"));
      expect(paths).toEqual(example.promised.map(({ path }) => path).sort());
      // Google's provider reports versions under the names of resources, the Azure provider under those of objects.
      const ids = podStatus.status.objects.map(({ id }) => id);
      if (example.yaml.includes("provider: gcp"))
        expect(ids).toEqual(expect.arrayContaining([expect.stringMatching(/^projects\//)]));
      else if (example.yaml.includes("provider: azure"))
        expect(ids).toEqual(expect.arrayContaining([expect.stringMatching(/^(?:secret|key|cert)\//)]));
      else expect(ids).toEqual(paths);
      for (const { path, mode, content } of example.promised) {
        expect([path, (await stat(join(target, path))).mode & 0o777]).toEqual([path, mode]);
        if (content !== undefined) expect([path, await readFile(join(target, path), "utf8")]).toEqual([path, content]);
      }
    },
  );
});
