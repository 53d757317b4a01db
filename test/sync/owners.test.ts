import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { passUntil, type SyncCluster, startSyncCluster } from "./sync-fixture.ts";

const minute = 60_000;
const first = { isFirst: true };

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster();
});

afterEach(() => around.stop());

function makeClass(): void {
  around.cluster.setClass("shop", "web", { provider: "latchkey", parameters: around.parameters });
}

/** As `kubectl replace --force` does it; the garbage collector takes the Secret. */
function replaceClass(): void {
  around.cluster.setClass("shop", "web", undefined);
  makeClass();
}

function reads(): readonly string[] {
  return around.reads().map((read) => read.split("/").at(-2) ?? "");
}

describe("a Secret whose class was deleted and made anew", () => {
  it("is made anew for a new pod before that is answered, though the content is known", async () => {
    const node = around.node();
    await node.sync(first);
    await node.time.advance(5_000);
    replaceClass();
    expect(dataOf(around.cluster)).toBeUndefined();
    const offered = node.offer(first);
    await offered.tried;
    expect([offered.state, dataOf(around.cluster)]).toEqual(["unchanged", { password: "p1" }]);
  });

  it("is made anew by itself a second later where the class had just been read", async () => {
    const node = around.node();
    await node.sync(first);
    replaceClass();
    const { state, tried } = node.offer(first);
    expect([state, tried]).toEqual(["unchanged", undefined]);
    await passUntil(node, () => dataOf(around.cluster) !== undefined);
  });

  it("is made anew for pods that stay, as soon as a new pod has found out", async () => {
    const node = around.node();
    await node.sync({ spec: { name: "a" } });
    await node.sync({ spec: { name: "b" } });
    await node.time.advance(5_000);
    replaceClass();
    expect(await node.sync({ spec: { name: "b" } })).toBe("unchanged");
    expect(dataOf(around.cluster, "b")).toBeUndefined();
    await node.sync({ spec: { name: "a" }, ...first });
    await node.sync({ spec: { name: "b" } });
    expect(dataOf(around.cluster, "b")).toEqual({ password: "p1" });
  });

  it("waits for the garbage collector, and is written by itself", async () => {
    const node = around.node();
    await node.sync();
    const kept = around.cluster.secrets.get("shop/db");
    const anew = around.node();
    replaceClass();
    around.cluster.secrets.put("shop/db", kept);
    const offered = anew.offer(first);
    await offered.tried;
    expect([offered.state, anew.log.at(-1)]).toMatchObject([
      "queued",
      { result: "failed", error: expect.stringContaining("it belongs to an earlier SecretProviderClass of this name") },
    ]);
    around.cluster.setSecret("shop", "db", undefined);
    await passUntil(anew, () => dataOf(around.cluster) !== undefined);
  });

  it("that nobody collects counts as refused after a minute", async () => {
    const node = around.node();
    await node.sync();
    const kept = around.cluster.secrets.get("shop/db");
    replaceClass();
    around.cluster.secrets.put("shop/db", kept);
    const anew = around.node();
    anew.offer(first);
    await passUntil(anew, () => anew.results.includes("refused"));
    expect(anew.results).toEqual([...Array(6).fill("failed"), "refused"]);
  });
});

describe("a new pod", () => {
  it("has its class looked at and nothing else, where the content is known", async () => {
    const node = around.node();
    await node.sync(first);
    await node.time.advance(minute);
    const before = around.reads().length;
    await node.offer(first).tried;
    expect([reads().slice(before), node.results]).toEqual([["secretproviderclasses"], ["written"]]);
  });

  it("is one of a hundred that come at once: the class is looked at twice", async () => {
    const node = around.node();
    await node.sync(first);
    await node.time.advance(minute);
    const before = around.reads().length;
    const offers = Array.from({ length: 100 }, () => node.offer(first));
    await Promise.all(offers.map(({ tried }) => tried));
    for (let count = 0; count < 100; count += 1) node.offer(first);
    await node.time.advance(10_000);
    await passUntil(node, () => around.reads().length - before === 2);
    expect(new Set(reads().slice(before))).toEqual(new Set(["secretproviderclasses"]));
  });

  it("waits for a Secret that an earlier one has written just now", async () => {
    const node = around.node();
    const offers = [node.offer(first), node.offer(first)];
    await offers[1]?.tried;
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });

  it("has its class looked for again where the API does not have it yet", async () => {
    around.cluster.setClass("shop", "web", undefined);
    const node = around.node();
    await node.offer(first).tried;
    expect(node.log.at(-1)).toMatchObject({
      result: "failed",
      error: expect.stringMatching(/^LK0051: .* has no Secret/),
    });
    makeClass();
    await passUntil(node, () => dataOf(around.cluster) !== undefined);
  });

  it("that names no class, as the sync controller's, is refused at once", async () => {
    const node = around.node();
    await node.offer({ ...first, secretProviderClass: "" }).tried;
    expect([node.results, around.cluster.requests.length]).toEqual([["refused"], 0]);
  });

  it("has a refused Secret tried again at once", async () => {
    around.cluster.setSecret("shop", "db", { other: "bWluZQ==" });
    const node = around.node();
    await node.sync(first);
    around.cluster.setSecret("shop", "db", undefined);
    await node.time.advance(5_000);
    const offered = node.offer(first);
    await offered.tried;
    expect([offered.state, node.results]).toEqual(["unchanged", ["refused", "written"]]);
  });
});

describe("a class that is changed more often than it is read", () => {
  it("is read again by itself, and the Secret is written", async () => {
    const node = around.node();
    for (const more of ["a", "b", "c", "d", "e"]) {
      const parameters = { ...around.parameters, more };
      around.cluster.setClass("shop", "web", { provider: "latchkey", parameters });
      await node.offer({ parameters, values: { password: more } }).tried;
    }
    await passUntil(node, () => dataOf(around.cluster)?.password === "e");
  });
});
