import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/log.ts";
import { firstWordOf, podsOfApi } from "../../src/node/pods-there.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import { openTestApi, type TestApi } from "../servers/kubernetes-client.ts";

let cluster: TestApi;
let time: VirtualTime;
let lines: Record<string, unknown>[];

beforeAll(async () => {
  cluster = await openTestApi();
});

beforeEach(() => {
  time = new VirtualTime();
  lines = [];
  cluster.server.setRights(undefined);
  cluster.server.setPod("shop", "web", { uid: "one", serviceAccount: "web" });
});

afterAll(async () => {
  await cluster?.stop();
});

const asking = () => {
  const log = createLogger("info", { write: (line) => lines.push(JSON.parse(line)) });
  return podsOfApi({ api: cluster.api, clock: time, random: () => 0.5, log });
};
const pod = (name: string, uid: string) => ({ namespace: "shop", name, uid });

describe("the Kubernetes API", () => {
  it.each([
    ["that is there", pod("web", "one"), true],
    ["of that name which is another one", pod("web", "two"), false],
    ["that is gone", pod("ghost", "three"), false],
  ])("tells of a pod %s", async (_, which, isThere) => {
    expect(await asking()(which)).toBe(isThere);
  });

  it.each([
    ["Running", true],
    ["Pending", true],
    ["Unknown", true],
    ["Succeeded", false],
    ["Failed", false],
  ])("takes a pod that is %s for there: %s", async (phase, isThere) => {
    cluster.server.setPod("shop", "web", { uid: "one", serviceAccount: "web", phase });
    expect(await asking()(pod("web", "one"))).toBe(isThere);
  });

  it("is asked once a minute for a pod", async () => {
    const isThere = asking();
    const before = cluster.server.requests.length;
    expect([await isThere(pod("web", "one")), await isThere(pod("web", "one"))]).toEqual([true, undefined]);
    await time.advance(60_000);
    expect(await isThere(pod("web", "one"))).toBe(true);
    expect(cluster.server.requests.length - before).toBe(2);
  });

  it("says nothing where the right to ask is missing, and that is logged once", async () => {
    cluster.server.setRights([]);
    const isThere = asking();
    expect([await isThere(pod("web", "one")), await isThere(pod("ghost", "two"))]).toEqual([undefined, undefined]);
    expect(lines.map(({ msg }) => msg)).toEqual(["cannot ask the Kubernetes API whether pods with leases are there"]);
    expect(String(lines[0]?.cause)).toContain("LK0013");
  });
});

describe("several that may know", () => {
  it("are asked in their order, until one says something", async () => {
    const asked: string[] = [];
    const word = (name: string, isThere: boolean | undefined) => async () => {
      asked.push(name);
      return isThere;
    };
    expect(await firstWordOf(word("a", undefined), word("b", false), word("c", true))(pod("web", "one"))).toBe(false);
    expect(asked).toEqual(["a", "b"]);
    expect(await firstWordOf(word("a", undefined))(pod("web", "one"))).toBeUndefined();
  });
});
