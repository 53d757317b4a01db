import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { azureTenant, type FakeAzure, startAzure } from "../../servers/azure.ts";
import { refused } from "../../servers/azure-login.ts";
import { vaultError } from "../../servers/azure-vault.ts";
import { googleError, oauthError } from "../../servers/gcp/errors.ts";
import { clusterPool, type GcpServer, gcpEndpoints, startGcp } from "../../servers/gcp.ts";
import type { Answer } from "../../servers/scripted.ts";
import { createTokenIssuer } from "../../tokens.ts";
import { startNode, type TestNode } from "../node.ts";
import { contentOf, patientFlags } from "./matrix.ts";

const clientID = "aaaaaaaa-0000-0000-0000-000000000001";

let gcp: GcpServer;
let azure: FakeAzure;
let node: TestNode;

beforeAll(async () => {
  [gcp, azure] = await Promise.all([startGcp(), startAzure()]);
  gcp.addSecret("known", "value of known");
  gcp.putParameter("known", "v1", "value of known");
  azure.login.federate(clientID, "system:serviceaccount:shop:payments");
  azure.vault("shop").allow(clientID);
  azure.vault("shop").setSecret("known", "value of known");
});

afterEach(async () => {
  gcp.answerNormally();
  azure.override(undefined);
  await node?.stop();
});

afterAll(async () => {
  await Promise.all([gcp?.stop(), azure?.stop()]);
});

async function start(): Promise<void> {
  node = await startNode({
    issuer: await createTokenIssuer(),
    flags: {
      ...patientFlags,
      ...gcpEndpoints(gcp.url),
      providers: "gcp,azure",
      ...{ gcpImpersonation: "none", azureLoginUrl: azure.host.loginUrl, azureVaultUrl: azure.host.vaultUrl },
    },
  });
}

const ofGoogle = (resourceName: string) => ({
  provider: "gcp",
  audiences: [clusterPool],
  parameters: { secrets: `- { resourceName: ${resourceName}, path: known }` },
});

const secret = ofGoogle("projects/shop-prod/secrets/known/versions/latest");
const parameter = ofGoogle("projects/shop-prod/locations/global/parameters/known/versions/v1");

const ofAzure = {
  provider: "azure",
  audiences: ["api://AzureADTokenExchange"],
  parameters: {
    ...{ keyvaultName: "shop", tenantID: azureTenant, clientID },
    objects: 'array:\n  - "{ objectName: known, objectType: secret }"\n',
  },
};

const proxy: Answer = { status: 404, body: "default backend - 404" };
const exchange = /\/v1\/(?:token|identitybindingtoken)$/;

describe("a first mount, with nothing to serve, goes through", () => {
  const ofClouds: readonly (readonly [what: string, path: RegExp, answer: Answer, times: number])[] = [
    ["throttles a secret", /:access$/, googleError("RESOURCE_EXHAUSTED", "Quota exceeded"), 2],
    ["fails at a secret", /:access$/, googleError("INTERNAL", "Internal error"), 2],
    ["is away for a moment", /:access$/, googleError("UNAVAILABLE", "later"), 2],
    ["is answered for by an ingress", /:access$/, proxy, 2],
    ["fails at the token service", exchange, oauthError("server_error", "Try again.", 500), 2],
    ["is answered for by an ingress at the token service", exchange, proxy, 1],
    [
      "cannot reach the issuer",
      exchange,
      oauthError("invalid_grant", "Error connecting to the given credential's issuer."),
      1,
    ],
  ];
  it.each(ofClouds)("where Google Cloud %s", async (_, path, answer, times) => {
    await start();
    gcp.answerNext(path, answer, times);
    const { target } = await node.publish(secret);
    expect(await contentOf(target)).toBe("value of known");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 1 });
  });

  it("where Parameter Manager throttles and fails", async () => {
    await start();
    gcp.answerNext(/:render$/, googleError("INTERNAL", "Internal error"), 1);
    gcp.answerNext(/:render$/, googleError("RESOURCE_EXHAUSTED", "Quota exceeded"), 1);
    const { target } = await node.publish(parameter);
    expect(await contentOf(target)).toBe("value of known");
  });

  const ofVaults: readonly (readonly [what: string, part: "vault" | "login", answers: readonly Answer[]])[] = [
    ["throttles", "vault", [vaultError(429, "Throttled", "too many", { headers: { "retry-after": "1" } })]],
    ["fails twice", "vault", [vaultError(500, "InternalError", "no"), vaultError(503, "ServiceUnavailable", "no")]],
    ["is answered for by an ingress", "vault", [proxy]],
    ["cannot be logged in to for a moment", "login", [refused(90033, "Transient.", "temporarily_unavailable", 503)]],
    ["has a throttled login", "login", [{ status: 429, headers: { "retry-after": "1" }, body: "" }]],
    ["has an ingress before its login", "login", [proxy, { status: 502, body: "" }]],
  ];
  it.each(ofVaults)("where Key Vault %s", async (_, part, answers) => {
    await start();
    const left = [...answers];
    azure.override((__, asked) => (asked === part ? left.shift() : undefined));
    const { target } = await node.publish(ofAzure);
    expect([await contentOf(target), left]).toEqual(["value of known", []]);
  });

  it("but not where somebody denies: they are asked once", async () => {
    await start();
    gcp.server.requests.length = 0;
    gcp.answerNext(/:access$/, googleError("PERMISSION_DENIED", "no"), 9);
    expect((await node.publishError(secret)).message).toMatch(/LK0033/);
    azure.override((_, part) => (part === "login" ? refused(700213, "No matching federated identity.") : undefined));
    const before = azure.count("login");
    expect((await node.publishError(ofAzure)).message).toMatch(/LK0032/);
    expect([gcp.count(/:access$/), azure.count("login") - before]).toEqual([1, 1]);
  });
});
