import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startNode, type TestNode } from "../e2e/node.ts";

let node: TestNode;

beforeAll(async () => {
  node = await startNode();
});

afterAll(() => node?.stop());

describe("where the operator has not allowed Kubernetes Secrets", () => {
  it("a SecretProviderClass that asks for them is refused, one that does not is mounted", async () => {
    const one = "{ name: a, data: { b: { template: text } } }";
    const parameters = { secrets: "[]", kubernetesSecrets: `[${one}, ${one.replace("name: a", "name: c")}]` };
    const { code, message } = await node.publishError({ provider: "latchkey", parameters });
    const said =
      "no Kubernetes Secrets are written on this node. Fix: have the operator start Latchkey with --sync, or remove kubernetesSecrets";
    expect([code, message]).toEqual([
      "PERMISSION_DENIED",
      expect.stringContaining(`[2] LK0050 kubernetesSecrets[1]: ${said}`),
    ]);
    await node.publish({ provider: "latchkey", parameters: { secrets: "[]", kubernetesSecrets: "" } });
  });
});
