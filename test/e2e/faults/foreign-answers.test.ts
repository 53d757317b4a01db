import { afterEach, describe, expect, it } from "vitest";
import { usualForeignAnswers } from "../../servers/foreign-answers.ts";
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
  audiences: ["vault", "sts.amazonaws.com", "pods.eks.amazonaws.com"],
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

const scenes: readonly Scene[] = [
  {
    name: "Vault",
    login: oneReadLogin,
    read: { body: { request_id: "r", data: { data: { v: "good" }, metadata } } },
    isLogin: ({ path }) => path.endsWith("/login"),
    volume: (url, name) => files(`s: { kind: vault, address: "${url}", role: r }`, `name: secret/data/${name}`),
  },
  aws(
    "AWS by STS",
    stsAnswer(goodCredentials.replace("2099-01-01T00:00:00Z", overAt)),
    `roleArn: "${roleArn}"`,
    ({ headers, path }) => headers["x-amz-target"] === undefined && path === "/",
  ),
  aws(
    "AWS by the Pod Identity agent",
    { body: { AccessKeyId: "A", SecretAccessKey: "B", Token: "C", Expiration: overAt } },
    "podIdentity: ipv4",
    ({ path }) => path === "/v1/credentials",
  ),
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
  const flags = { allowAddress: "127.0.0.1", awsEndpointUrl: server.url, awsPodIdentityUrl: server.url };
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
  const words: readonly [what: string, answer: Answer, code: string][] = [
    ["403", { status: 403, body: { errors: ["permission denied"] } }, "PERMISSION_DENIED"],
    ["404", { status: 404, body: { errors: [] } }, "none"],
    [
      "404 of a deleted version",
      { status: 404, body: { errors: null, request_id: "r", data: { data: null, metadata } } },
      "none",
    ],
  ];
  it.each(words)("counts: Vault's %s", async (_, answer, outcome) => {
    let said: Answer | undefined;
    const [vault = expect.unreachable()] = scenes;
    await start(vault, (request) => (vault.isLogin(request) ? undefined : said));
    const volume = vault.volume(server.url, "known");
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
