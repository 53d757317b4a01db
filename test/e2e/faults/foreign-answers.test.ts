import { afterEach, describe, expect, it } from "vitest";
import { vaultError } from "../../servers/azure-vault.ts";
import { usualForeignAnswers } from "../../servers/foreign-answers.ts";
import { googleError } from "../../servers/gcp/errors.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "../../servers/scripted.ts";
import { goodCredentials, roleArn, smAnswer, stsAnswer } from "../../stores/aws/scripted-aws.ts";
import { startNode, type TestNode } from "../node.ts";
import { contentOf } from "./matrix.ts";

type Publish = Parameters<TestNode["publish"]>[0];

/** A store behind something that answers in its place, and how a pod asks it. */
interface Scene {
  readonly name: string;
  /** The store's own answers: to a login, and to a read. */
  readonly login: Answer;
  readonly read: Answer;
  isLogin(request: RecordedRequest): boolean;
  volume(url: string, name: string): Publish;
}

const metadata = { version: 1, created_time: "2026-01-01T00:00:00Z" };

/** Good for one read: each mount logs in anew. */
const oneReadLogin: Answer = {
  body: { auth: { client_token: "t", lease_duration: 3600, token_type: "service", num_uses: 2 } },
};

const files = (stores: string, ref: string): Publish => ({
  provider: "latchkey",
  audiences: ["vault", "sts.amazonaws.com", "pods.eks.amazonaws.com", "pool", "api://AzureADTokenExchange"],
  parameters: { stores, secrets: `- { store: s, ${ref}, files: [{ path: known, key: v }], default: none }` },
});

/** Over at once: each mount asks for credentials anew. */
const overAt = "2020-01-01T00:00:00Z";
const aws = (name: string, login: Answer, identity: string, isLogin: Scene["isLogin"]): Scene => ({
  name,
  login,
  read: smAnswer({ SecretString: '{"v":"good"}', VersionId: "1" }),
  isLogin,
  volume: (_, secret) => files(`s: { kind: aws-secrets-manager, region: eu-west-1, ${identity} }`, `name: ${secret}`),
});

/** In seconds: over at once, as above. */
const shortLife = 0.001;
const encoded = Buffer.from('{"v":"good"}').toString("base64");
const google = (name: string, kind: string, more: string, body: object): Scene => ({
  name,
  login: { body: { access_token: "t", expires_in: shortLife } },
  read: { body },
  isLogin: ({ path }) => path === "/sts/v1/token",
  volume: (_, secret) => files(`s: { kind: ${kind}, project: p }`, `name: ${secret}${more}`),
});

const sts = aws(
  "AWS by STS",
  stsAnswer(goodCredentials.replace("2099-01-01T00:00:00Z", overAt)),
  `roleArn: "${roleArn}"`,
  ({ headers, path }) => headers["x-amz-target"] === undefined && path === "/",
);

const scenes: readonly Scene[] = [
  {
    name: "Vault",
    login: oneReadLogin,
    read: { body: { request_id: "r", data: { data: { v: "good" }, metadata } } },
    isLogin: ({ path }) => path.endsWith("/login"),
    volume: (url, name) => files(`s: { kind: vault, address: "${url}", role: r }`, `name: secret/data/${name}`),
  },
  sts,
  aws(
    "AWS by the Pod Identity agent",
    { body: { AccessKeyId: "A", SecretAccessKey: "B", Token: "C", Expiration: overAt } },
    "podIdentity: ipv4",
    ({ path }) => path === "/v1/credentials",
  ),
  {
    ...sts,
    name: "Parameter Store",
    read: { body: { Parameters: [{ Name: "known", Type: "SecureString", Value: '{"v":"good"}', Version: 1 }] } },
    volume: (_, secret) => {
      return files(`s: { kind: aws-parameter-store, region: eu-west-1, roleArn: "${roleArn}" }`, `name: ${secret}`);
    },
  },
  google("Secret Manager", "gcp-secret-manager", "", {
    name: "projects/1/secrets/known/versions/1",
    payload: { data: encoded },
  }),
  google("Parameter Manager", "gcp-parameter-manager", ", version: v1", {
    parameterVersion: "projects/1/locations/global/parameters/known/versions/v1",
    renderedPayload: encoded,
  }),
  {
    name: "Key Vault",
    login: { body: { access_token: "t", expires_in: shortLife } },
    read: { body: { value: '{"v":"good"}', id: `https://shop.vault.azure.net/secrets/known/${"0".repeat(32)}` } },
    isLogin: ({ path }) => path.endsWith("/oauth2/v2.0/token"),
    volume: (_, secret) => {
      return files("s: { kind: azure-key-vault, vault: shop, tenant: t, clientId: c }", `name: ${secret}`);
    },
  },
];

let server: ScriptedServer;
let node: TestNode;
let hurried: TestNode;

afterEach(async () => {
  await Promise.all([node?.stop(), hurried?.stop()]);
  await server?.stop();
});

async function start({ login, read, isLogin }: Scene, between: (request: RecordedRequest) => Answer | undefined) {
  server = await startScripted((request) => {
    const answer = between(request) ?? (isLogin(request) ? login : request.url.includes("revoke") ? {} : read);
    return answer;
  });
  const flags = {
    ...{ allowAddress: "127.0.0.1", awsEndpointUrl: server.url, awsPodIdentityUrl: server.url },
    ...{
      gcpEndpoint: `${server.url}/{service}`,
      gcpIdentityPool: "pool",
      gcpIdentityProvider: "https://issuer",
      gcpImpersonation: "none",
    },
    ...{ azureLoginUrl: server.url, azureVaultUrl: `${server.url}/{vault}` },
  };
  const common = { refresh: "0s", denyMemory: "0s", staleAfter: "1s", ...flags };
  // What nobody knows is asked for again until the time is over: a node of its own has little of it.
  [node, hurried] = await Promise.all([
    startNode({ flags: common }),
    startNode({ flags: { ...common, mountTimeout: "1s" } }),
  ]);
}

describe.each(scenes)("what something between the node and $name answers", (scene) => {
  it.each(["login", "read"] as const)(
    "to a %s is an outage: stale is served, nothing dropped, no default",
    async (to) => {
      let answer: Answer | undefined;
      await start(scene, (request) => (scene.isLogin(request) === (to === "login") ? answer : undefined));
      const known = scene.volume(server.url, "known");
      await node.publish(known);
      for (const foreign of usualForeignAnswers) {
        ({ answer } = foreign);
        const { target } = await node.publish(known);
        const { result, stale } = node.mounts().at(-1) ?? {};
        expect([foreign.what, await contentOf(target), result, stale]).toEqual([foreign.what, "good", "ok", 1]);
        const unknown = await hurried.publishError({ ...scene.volume(server.url, "unknown"), volume: "other" });
        expect([foreign.what, unknown.code]).toEqual([foreign.what, "FAILED_PRECONDITION"]);
        expect([foreign.what, unknown.message]).toEqual([foreign.what, expect.stringMatching(/LK003[01] |LK0006 /)]);
      }
    },
  );
});

describe("what the store itself says through the same server", () => {
  const words: readonly [store: string, what: string, answer: Answer, code: string][] = [
    ["Vault", "403", { status: 403, body: { errors: ["permission denied"] } }, "PERMISSION_DENIED"],
    ["Vault", "404", { status: 404, body: { errors: [] } }, "none"],
    [
      "Vault",
      "404 of a deleted version",
      { status: 404, body: { errors: null, request_id: "r", data: { data: null, metadata } } },
      "none",
    ],
    ["Secret Manager", "403", googleError("PERMISSION_DENIED", "no"), "PERMISSION_DENIED"],
    ["Secret Manager", "404", googleError("NOT_FOUND", "no"), "none"],
    ["Parameter Manager", "404", googleError("NOT_FOUND", "no"), "none"],
    ["Key Vault", "403", vaultError(403, "Forbidden", "no", { innererror: "ForbiddenByRbac" }), "PERMISSION_DENIED"],
    ["Key Vault", "404", vaultError(404, "SecretNotFound", "no"), "none"],
  ];
  it.each(words)("counts: %s's %s", async (store, _, answer, outcome) => {
    let said: Answer | undefined;
    const scene = scenes.find(({ name }) => name === store) ?? expect.unreachable();
    await start(scene, (request) => (scene.isLogin(request) ? undefined : said));
    const volume = scene.volume(server.url, "known");
    await node.publish(volume);
    said = answer;
    const pod = { name: "pod-2", uid: "uid-2" };
    const got = await node.publish({ ...volume, pod }).then(
      ({ target }) => contentOf(target),
      ({ code }: { readonly code: string }) => code,
    );
    expect(got).toBe(outcome);
  });
});
