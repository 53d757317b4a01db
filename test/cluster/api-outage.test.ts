import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { longestStart } from "./cluster.ts";
import { fileSpec, startFileScene } from "./file-scene.ts";
import { type Installed, ownToken } from "./installed.ts";
import { makeClass, makeNamespace, requestToken } from "./objects.ts";
import type { Scene } from "./scene.ts";
import { until } from "./until.ts";
import { startWebhook, type Webhook } from "./webhook.ts";

let scene: Scene;
let latchkey: Installed | undefined;
let number = 0;

beforeAll(async () => {
  scene = await startFileScene();
}, longestStart);

afterEach(async () => {
  await latchkey?.stop();
  latchkey = undefined;
});

afterAll(() => scene?.stop());

/** A namespace with a class and a pod's token, made while the API is there. */
async function prepare() {
  number += 1;
  const namespace = `ns-${number}`;
  await makeNamespace(scene.cluster, namespace, ["web"]);
  await makeClass(scene.cluster, namespace, "web", fileSpec);
  const token = await requestToken(scene.cluster, { namespace, serviceAccount: "web", audiences: ["latchkey"] });
  const account = { namespace, serviceAccount: "web", secretProviderClass: "web", pod: `web-${number}` };
  return {
    mount: async () => {
      await scene.mountBeside({ ...account, spec: fileSpec, tokens: { latchkey: token } });
      return await latchkey?.mountOf(account.pod);
    },
    secret: () => scene.cluster.admin.get(`/api/v1/namespaces/${namespace}/secrets/db`),
  };
}

const isThere = (found: unknown) => found !== undefined;

/** The warnings and errors of the log. */
function warnings(): string {
  const lines = latchkey?.log().filter(({ level }) => level === "warn" || level === "error") ?? [];
  return lines.map((line) => JSON.stringify(line)).join("\n");
}

describe("a real API server that is away", () => {
  it("at the start: pods that mount meanwhile get their Kubernetes Secrets when it is back, by themselves", async () => {
    const { mount, secret } = await prepare();
    latchkey = await scene.run({ beforeStart: scene.cluster.stopApi });
    expect(await mount()).toMatchObject({ result: "ok", proved: false });
    await scene.cluster.startApi();
    expect(await until(secret, isThere)).toBeDefined();
    expect(warnings()).toContain(scene.cluster.url);
  });

  it("in between: Secrets are written when it is back, by themselves", async () => {
    latchkey = await scene.run();
    const first = await prepare();
    await first.mount();
    expect(await until(first.secret, isThere)).toBeDefined();
    const second = await prepare();
    await scene.cluster.stopApi();
    expect(await second.mount()).toMatchObject({ result: "ok", proved: true, sync: "queued" });
    await scene.cluster.startApi();
    expect(await until(second.secret, isThere)).toBeDefined();
  });
});

describe("a real API server that has too much to do", () => {
  const group = "/apis/flowcontrol.apiserver.k8s.io/v1";

  it("is told apart from one that is away, and Secrets come when it has time again", async () => {
    latchkey = await scene.run();
    const { mount, secret } = await prepare();
    await scene.cluster.admin.create(`${group}/prioritylevelconfigurations`, {
      metadata: { name: "closed" },
      spec: {
        type: "Limited",
        limited: {
          nominalConcurrencyShares: 0,
          lendablePercent: 0,
          borrowingLimitPercent: 0,
          limitResponse: { type: "Reject" },
        },
      },
    });
    await scene.cluster.admin.create(`${group}/flowschemas`, {
      metadata: { name: "closed" },
      spec: {
        priorityLevelConfiguration: { name: "closed" },
        matchingPrecedence: 2,
        rules: [
          {
            subjects: [{ kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "latchkey" } }],
            resourceRules: [
              { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true },
            ],
          },
        ],
      },
    });
    // One request always runs: this one does not end.
    const token = await ownToken(scene.cluster);
    await makeNamespace(scene.cluster, "held");
    const webhook = await startWebhook(scene.cluster, "held", "hang");
    const held = await hold(webhook, token);
    const refused = () => scene.cluster.admin.call({ method: "GET", path: "/api/v1/namespaces/held/secrets/x", token });
    expect((await until(refused, ({ status }) => status === 429)).status).toBe(429);
    await mount();
    await until(
      async () => warnings(),
      (text) => text.includes("429"),
    );
    expect(warnings()).toContain("429");
    await webhook.stop();
    await held.ended;
    await scene.cluster.admin.delete(`${group}/flowschemas/closed`);
    await scene.cluster.admin.delete(`${group}/prioritylevelconfigurations/closed`);
    expect(await until(secret, isThere)).toBeDefined();
  });
});

/** Sends requests until one hangs at the webhook; gives the end of that one. */
async function hold(webhook: Webhook, token: string): Promise<{ readonly ended: Promise<unknown> }> {
  const path = "/api/v1/namespaces/held/secrets";
  for (let tries = 0; tries < 200; tries += 1) {
    const ended = scene.cluster.admin.call({ method: "POST", path, body: { metadata: { name: `s-${tries}` } }, token });
    let isOver = false;
    void ended.finally(() => {
      isOver = true;
    });
    const asked = await until(
      async () => webhook.asked() > 0 || isOver,
      (is) => is,
    );
    if (asked && webhook.asked() > 0) return { ended };
  }
  throw new Error("the webhook was never asked");
}

describe("a token of Latchkey's own that the API server does not take any more", () => {
  it("is told with its cure, and Secrets come when the kubelet has replaced it", async () => {
    latchkey = await scene.run();
    const { mount, secret } = await prepare();
    const valid = await ownToken(scene.cluster);
    await writeFile(latchkey.tokenFile, `${valid.slice(0, -8)}AAAAAAAA`);
    await mount();
    await until(
      async () => warnings(),
      (text) => text.includes("401"),
    );
    expect(warnings()).toMatch(/401.*(expired|trust)/);
    expect(warnings()).not.toContain("the right");
    await writeFile(latchkey.tokenFile, valid);
    expect(await until(secret, isThere)).toBeDefined();
  });
});
