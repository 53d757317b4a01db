import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualTime } from "../cache/virtual-time.ts";
import { dataOf } from "../servers/data-of.ts";
import { passUntil, type SyncCluster, type SyncNode, startSyncCluster } from "./sync-fixture.ts";

const right = { group: "", resource: "secrets", namespace: "shop" } as const;
const readClasses = { verb: "get", group: "secrets-store.csi.x-k8s.io", resource: "secretproviderclasses" } as const;

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster();
});

afterEach(() => around.stop());

/** Lets virtual time pass until the Secret is there. */
async function untilWritten(node: SyncNode, name = "db"): Promise<void> {
  await passUntil(node, () => dataOf(around.cluster, name) !== undefined);
}

/** A clock on which a little time passes with each look, and whose timers come a moment early. */
class EarlyTime extends VirtualTime {
  readonly #step: number;
  #passed = 0;

  constructor(step: number) {
    super();
    this.#step = step;
  }

  override now(): number {
    this.#passed += this.#step;
    return super.now() + this.#passed;
  }

  override after(ms: number, run: () => void): () => void {
    return super.after(ms - 1, run);
  }
}

describe("while the Kubernetes API", () => {
  it("is down, content waits and is written when it is back, without another mount", async () => {
    const node = around.node();
    around.cluster.setFault("down");
    expect(await node.sync()).toBe("queued");
    expect([node.results, node.log.at(-1)?.error]).toEqual([["failed"], expect.stringMatching(/^LK0012: /)]);
    around.cluster.setFault("none");
    await untilWritten(node);
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });

  it("refuses, no timer that comes a moment early, as Node's do, makes it forget what waits", async () => {
    for (const step of [0.1, 0.2, 0.3, 0.4, 0.5]) {
      const name = `early-${step * 10}`;
      const node = around.node({}, {}, new EarlyTime(step));
      around.cluster.setFault(403);
      await node.sync({ spec: { name } });
      around.cluster.setFault("none");
      for (let count = 0; count < 20 && dataOf(around.cluster, name) === undefined; count += 1) {
        await node.time.advance(1_000);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect([step, dataOf(around.cluster, name)]).toEqual([step, { password: "p1" }]);
    }
  });

  it("is down, other mounts do not wait, and only one call in a while finds out", async () => {
    const node = around.node();
    around.cluster.setFault("down");
    await node.sync();
    const before = around.cluster.requests.length;
    for (let count = 0; count < 50; count += 1) {
      const { state, tried } = node.offer({ spec: { name: `s${count}` } });
      expect([state, tried]).toEqual(["queued", undefined]);
    }
    expect(around.cluster.requests.length - before).toBe(0);
  });

  it("is down, the newest content for a Secret is what waits", async () => {
    const node = around.node();
    around.cluster.setFault("down");
    await node.sync();
    node.offer({ values: { password: "p2" } });
    around.cluster.setFault("none");
    await untilWritten(node);
    expect([dataOf(around.cluster), around.writes().length]).toEqual([{ password: "p2" }, 1]);
  });

  it("is down, no more than 16 MiB wait, and what was dropped is due again", async () => {
    const node = around.node();
    around.cluster.setFault("down");
    await node.sync();
    const values = { a: Buffer.alloc(1024 ** 2, "x") };
    const offers = Array.from({ length: 20 }, (_, index) => node.offer({ values, spec: { name: `s${index}` } }));
    expect(node.results.filter((result) => result === "dropped").length).toBe(6);
    expect(offers.map((offered) => offered.due(false))).toEqual(offers.map((_, index) => index < 5));
  });

  it("is down, a namespace that floods loses its own, and others are written first when it is back", async () => {
    const node = around.node();
    around.cluster.setClass("bank", "web", { provider: "latchkey", parameters: around.parameters });
    around.cluster.setFault("down");
    await node.sync({ namespace: "bank", spec: { name: "first" } });
    for (let count = 0; count < 10_000; count += 1) node.offer({ spec: { name: `s${count}` } });
    expect(node.results.filter((result) => result === "dropped").length).toBeGreaterThan(1_000);
    node.offer({ namespace: "bank", spec: { name: "second" } });
    around.cluster.setFault("none");
    await passUntil(node, () => dataOf(around.cluster, "second", "bank") !== undefined);
    expect(dataOf(around.cluster, "first", "bank")).toEqual({ password: "p1" });
    expect(around.writes().filter((write) => write.includes("/shop/")).length).toBeLessThan(100);
  });

  it("fails for one Secret alone, others are written", async () => {
    const node = around.node();
    around.cluster.setFault(500);
    expect(await node.sync({ spec: { name: "broken" } })).toBe("queued");
    around.cluster.setFault("none");
    expect(await node.sync()).toBe("unchanged");
  });

  it("asks for fewer calls, it is left alone for as long as it says", async () => {
    const node = around.node();
    around.cluster.setFault({ status: 429, retryAfter: "120" });
    await node.sync();
    around.cluster.setFault("none");
    const before = around.cluster.requests.length;
    await node.time.advance(119_000);
    expect(around.cluster.requests.length - before).toBe(0);
    await untilWritten(node);
  });

  it("hangs, a try ends after fifteen seconds", async () => {
    const node = around.node();
    around.cluster.setFault("hang");
    node.offer();
    while (around.cluster.requests.length === 0) await new Promise(setImmediate);
    await node.time.advance(15_000);
    while (node.results.length === 0) await new Promise(setImmediate);
    expect(node.results).toEqual(["failed"]);
    around.cluster.setFault("none");
    await untilWritten(node);
  });

  it("hangs, a node stops at once", async () => {
    const node = around.node();
    around.cluster.setFault("hang");
    const { tried } = node.offer();
    while (around.cluster.requests.length === 0) await new Promise(setImmediate);
    await node.syncer.close();
    await tried;
    expect(node.results).toEqual([]);
  });

  it.each([
    ["to read classes", [{ ...right, verb: "get" as const }]],
    ["to read Secrets", [readClasses]],
    ["to patch Secrets", [readClasses, { ...right, verb: "get" as const }]],
    ["to create Secrets", [readClasses, ...(["get", "patch"] as const).map((verb) => ({ ...right, verb }))]],
  ])("gives no right %s, the error names it, and it is written when it is given", async (_, rights) => {
    const node = around.node();
    around.cluster.setRights(rights);
    expect(await node.sync()).toBe("queued");
    expect(node.log.at(-1)?.error).toMatch(/^LK0013: .*give Latchkey's service account the right `/);
    around.cluster.setRights([
      readClasses,
      ...(["get", "patch", "create"] as const).map((verb) => ({ ...right, verb })),
    ]);
    await untilWritten(node);
  });

  it("gives rights in one namespace, another one waits alone", async () => {
    const node = around.node();
    around.cluster.setClass("bank", "web", { provider: "latchkey", parameters: around.parameters });
    around.cluster.setRights([
      readClasses,
      ...(["get", "patch", "create"] as const).map((verb) => ({ ...right, verb })),
    ]);
    expect([await node.sync({ namespace: "bank" }), await node.sync()]).toEqual(["queued", "unchanged"]);
  });
});
