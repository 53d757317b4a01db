import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { startNode, type TestNode } from "./node.ts";

const parameters = {
  ...{ region: "eu-west-1", usePodIdentity: "true" },
  objects: "- { objectName: db, objectType: secretsmanager }",
};

let moto: Moto;
let agent: ScriptedServer;
let node: TestNode;

beforeEach(async () => {
  moto = await startMoto();
  await moto.createSecret("eu-west-1", "db", "p1");
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const credentials = { AccessKeyId: "ASIA", SecretAccessKey: "key", Token: "token", Expiration: expires };
  agent = await startScripted(() => ({ body: credentials }));
});

afterEach(async () => {
  await node?.stop();
  await agent?.stop();
  await moto?.stop();
});

async function start(scope?: "pod" | "serviceAccount"): Promise<void> {
  const given = scope === undefined ? {} : { awsPodIdentityScope: scope };
  node = await startNode({
    flags: {
      awsEndpointUrl: moto.url,
      awsPodIdentityUrl: agent.url,
      refresh: "0s",
      staleAfter: "300ms",
      mountTimeout: "8s",
      ...given,
    },
  });
}

function publish(name: string, serviceAccount = "payments") {
  const pod = { name, uid: `uid-${name}`, serviceAccount };
  return { provider: "aws", parameters, audiences: ["pods.eks.amazonaws.com"], pod };
}

describe("what a login by EKS Pod Identity fetched", () => {
  it.each([undefined, "pod"] as const)(
    "is the pod's own with the scope %s: another one has nothing in an outage",
    async (scope) => {
      await start(scope);
      await node.publish(publish("web-0"));
      await node.publish(publish("web-1"));
      expect(agent.requests).toHaveLength(2);
      await moto.stop();
      expect((await node.publishError(publish("web-2"))).message).toContain("LK0030");
    },
  );

  it("is shared by the pods of a service account where the operator says so, also in an outage", async () => {
    await start("serviceAccount");
    await node.publish(publish("web-0"));
    await node.publish(publish("web-1"));
    expect(agent.requests).toHaveLength(1);
    await moto.stop();
    await agent.stop();
    const { target } = await node.publish(publish("web-2"));
    expect(await readFile(join(target, "db"), "utf8")).toBe("p1");
    expect(node.mounts().at(-1)).toMatchObject({ stale: 1, proved: true });
    expect((await node.publishError(publish("other-0", "billing"))).message).toContain("LK0030");
  });
});
