import { beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/async/clock.ts";
import { aws } from "../../src/dialects/aws/definition.ts";
import type { ProviderError } from "../../src/errors.ts";
import { NodeLabelValue } from "../../src/fetch/node-label.ts";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { errorIdOf } from "../cache/settled.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";

let server: TestServer;
let api: KubernetesApi;

beforeEach(async () => {
  const opened = await openTestApi();
  ({ server, api } = opened);
  server.setNode("node-1", { "topology.kubernetes.io/region": "eu-west-1" });
  return opened.stop;
});

const start = () =>
  new NodeLabelValue(aws.nodeLabel, {
    api,
    nodeName: "node-1",
    keeper: undefined,
    clock: systemClock,
    random: () => 0,
  });

describe("the region of the node", () => {
  it.each([429, 500, { status: 503, retryAfter: "1" }])(
    "is asked for again where the API answers %o once",
    async (fault) => {
      server.setFault(fault);
      const region = start().get("shop", "web-0");
      await expect.poll(() => server.requests.length).toBe(1);
      server.setFault("none");
      expect([await region, server.requests.length]).toEqual(["eu-west-1", 2]);
    },
  );

  it("is asked for three times at most, and once where the API wants to be left alone for longer than there is time", async () => {
    server.setFault(503);
    expect([await errorIdOf(start().get("shop", "web-0")), server.requests.length]).toEqual(["LK0012", 3]);
    server.setFault({ status: 503, retryAfter: "60" });
    expect([await errorIdOf(start().get("shop", "web-0")), server.requests.length]).toEqual(["LK0012", 4]);
  });

  const labels: readonly (readonly [label: string, what: string, region: string])[] = [
    ["eu-west-1a", "is a zone of eu-west-1 and not a region", "eu-west-1"],
    ["us-east-1-fips", "is the name of a FIPS endpoint and not a region", "us-east-1"],
    ["eu-cental-1", "is not a region", "eu-central-1"],
    ["dc1", "is not a region", "REGION"],
    ["westeurope", "is not a region", "REGION"],
  ];
  it.each(labels)("is not what another label of the node says, which is told: %s", async (label, what, region) => {
    server.setNode("node-1", { "topology.kubernetes.io/region": label });
    const error = await start()
      .get("shop", "web-0")
      .catch((thrown: ProviderError) => thrown);
    expect(error).toMatchObject({
      id: "LK0014",
      message: `the label topology.kubernetes.io/region of the node node-1 says "${label}", which ${what}`,
      details: { fix: `set \`region\` in the SecretProviderClass, or start Latchkey with --aws-region ${region}` },
    });
  });

  it("is taken though this version does not know it, and from a start before only if it is one", async () => {
    server.setNode("node-1", { "topology.kubernetes.io/region": "eu-west-9" });
    expect(await start().get("shop", "web-0")).toBe("eu-west-9");
    const saved: string[] = [];
    const keeper = {
      loadRecord: async () => Buffer.from("eu-west-1a"),
      saveRecord: async (_: string, bytes: Uint8Array) => void saved.push(Buffer.from(bytes).toString()),
    };
    const region = new NodeLabelValue(aws.nodeLabel, {
      api,
      nodeName: "node-1",
      keeper,
      clock: systemClock,
      random: () => 0,
    });
    expect([await region.get("shop", "web-0"), saved]).toEqual(["eu-west-9", ["eu-west-9"]]);
  });

  it("is asked for once where the API refuses, or knows no such node", async () => {
    server.setFault(403);
    expect([await errorIdOf(start().get("shop", "web-0")), server.requests.length]).toEqual(["LK0013", 1]);
  });
});
