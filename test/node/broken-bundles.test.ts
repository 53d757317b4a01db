import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKubernetesApi } from "../../src/node/cluster.ts";
import { loadConfig } from "../../src/node/load-config.ts";
import { storesOf } from "../../src/node/parts.ts";
import { warnOnce } from "../../src/node/warn-once.ts";
import { Redacted } from "../../src/redacted.ts";
import { brokenPem, createAuthority } from "../servers/certificates.ts";
import { openTestApi, type TestApi } from "../servers/kubernetes-client.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { goodCredentials, request, settings, smError, stsAnswer } from "../stores/aws/scripted-aws.ts";

let kubernetes: TestApi;
let aws: ScriptedServer;
let cloud: ScriptedServer;

beforeAll(async () => {
  kubernetes = await openTestApi();
  const { directory, flags, server } = kubernetes;
  await writeFile(flags.kubernetesCaFile, `${brokenPem}${server.caPem}`);
  const authority = await createAuthority();
  await writeFile(join(directory, "aws.pem"), `${authority.caPem}${brokenPem}`);
  const answer = (path: string) => (path === "/" ? stsAnswer(goodCredentials) : smError(400, "NotSet"));
  aws = await startScripted(({ path }) => answer(path), { tls: await authority.issue() });
  cloud = await startScripted(() => ({ body: { access_token: "t", expires_in: 3_600 } }), {
    tls: await authority.issue(),
  });
});

afterAll(async () => {
  await Promise.all([kubernetes?.stop(), aws?.stop(), cloud?.stop()]);
});

async function configOf(flags: Readonly<Record<string, string>>) {
  return await loadConfig({ flags: new Map(Object.entries({ versionKey: "ephemeral", ...flags })), env: {} });
}

/** A way to warn, and the lines that were logged by it. */
function logging() {
  const lines: unknown[] = [];
  return { lines, warn: warnOnce({ warn: (...line: unknown[]) => void lines.push(line) }) };
}

const message = "a CA certificate cannot be read";

describe("a CA bundle with one certificate that cannot be read", () => {
  it("serves with the rest, and warns once: --kubernetes-ca-file", async () => {
    const { lines, warn } = logging();
    const { flags, server } = kubernetes;
    for (let time = 0; time < 2; time += 1) {
      const api = await openKubernetesApi(await configOf(flags), warn);
      server.setNode("a", {});
      expect(await api?.get("/api/v1/nodes/a", new AbortController().signal)).toMatchObject({ kind: "Node" });
      api?.close();
    }
    const ca = `the CA file ${flags.kubernetesCaFile}: certificate 1 of 2 cannot be read and is left out`;
    expect(lines).toEqual([[{ ca }, message]]);
  });

  it("serves with the rest, and warns once: --aws-ca-bundle", async () => {
    const { lines, warn } = logging();
    const awsCaBundle = join(kubernetes.directory, "aws.pem");
    for (let time = 0; time < 2; time += 1) {
      const stores = storesOf(await configOf({ awsEndpointUrl: aws.url, awsCaBundle }), warn);
      const store = await stores.load("aws-secrets-manager");
      const context = { signal: AbortSignal.timeout(8_000), count: () => undefined };
      const session = await store.open({ ...request, settings, context });
      await session.close();
      await stores.shutdown();
    }
    const ca = `the CA file ${awsCaBundle}: certificate 2 of 2 cannot be read and is left out`;
    expect(lines).toEqual([[{ ca }, message]]);
  });

  const key = JSON.stringify({
    ...{ type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" },
  });
  const clouds: readonly (readonly [flag: string, store: string, settings: object, more: object])[] = [
    [
      "gcpCaBundle",
      "gcp-secret-manager",
      { project: "p", location: "global", identity: { by: "keyFile" } },
      { "key.json": key },
    ],
    [
      "azureCaBundle",
      "azure-key-vault",
      { vault: "shop", cloud: "AzurePublicCloud", tenant: "t", identity: { by: "servicePrincipal" } },
      { clientid: "c", clientsecret: "s" },
    ],
  ];
  it.each(clouds)("serves with the rest, and warns once: %s", async (flag, kind, own, credentials) => {
    const { lines, warn } = logging();
    const bundle = join(kubernetes.directory, "aws.pem");
    const urls = {
      gcpEndpoint: `${cloud.url}/{service}`,
      azureLoginUrl: cloud.url,
      azureVaultUrl: `${cloud.url}/{vault}`,
    };
    for (let time = 0; time < 2; time += 1) {
      const stores = storesOf(await configOf({ ...urls, [flag]: bundle }), warn);
      const store = await stores.load(kind);
      const context = { signal: AbortSignal.timeout(8_000), count: () => undefined };
      const identity = { ...request.identity, credentials: new Redacted(new Map(Object.entries(credentials))) };
      const session = await store.open({ ...request, identity, settings: own, context });
      await session.close();
      await stores.shutdown();
    }
    const ca = `the CA file ${bundle}: certificate 2 of 2 cannot be read and is left out`;
    expect(lines).toEqual([[{ ca }, message]]);
  });
});
