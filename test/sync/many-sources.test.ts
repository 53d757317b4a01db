import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { type SyncCluster, startSyncCluster } from "./sync-fixture.ts";

const count = 7_000;

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster();
});

afterEach(() => around.stop());

/** Sources that hold this, all but the changed ones. */
function sources(changed: Readonly<Record<string, string>> = {}, many = count): Readonly<Record<string, string>> {
  return { ...Object.fromEntries(Array.from({ length: many }, (_, index) => [`s${index}`, "same"])), ...changed };
}

function agesOf(held: Readonly<Record<string, string>>, age: number, over: Readonly<Record<string, number>> = {}) {
  return { ...Object.fromEntries(Object.keys(held).map((ref) => [ref, age])), ...over };
}

describe("a Secret of 7,000 sources", () => {
  it("has notes that leave room for other annotations", async () => {
    const node = around.node();
    expect(await node.sync({ held: sources() })).toBe("unchanged");
    const notes = around.cluster.secrets.get("shop/db")?.leaves.get("metadata/annotations/latchkey/sources") ?? "";
    expect([notes.length > 1_000, notes.length < 65_536]).toEqual([true, true]);
  });

  it("is replaced by what was fetched later, and never by what was fetched before", async () => {
    const [a, b, c] = [around.node(), around.node(), around.node()];
    const first = sources({ s7: "1" });
    await a.sync({ values: { x: "1" }, held: first, ages: agesOf(first, 60_000) });
    const second = sources({ s7: "2" });
    await b.sync({ values: { x: "2" }, held: second, ages: agesOf(second, 30_000) });
    expect([dataOf(around.cluster), b.results]).toEqual([{ x: "2" }, ["written"]]);
    const stale = sources({ s7: "0" });
    await c.sync({ values: { x: "0" }, held: stale, ages: agesOf(stale, 90_000) });
    expect([dataOf(around.cluster), c.results]).toEqual([{ x: "2" }, ["older"]]);
  });

  it("is not replaced where the one that differs may be the older one of its group", async () => {
    const [a, b] = [around.node(), around.node()];
    const [held, other] = [sources({ s7: "1" }), sources({ s7: "2" })];
    await a.sync({ values: { x: "1" }, held, ages: agesOf(held, 60_000) });
    await b.sync({ values: { x: "2" }, held: other, ages: agesOf(other, 30_000, { s7: 90_000 }) });
    expect([dataOf(around.cluster), b.results]).toEqual([{ x: "1" }, ["older"]]);
  });

  it("is compared with one of fewer, which told each of them", async () => {
    const [a, b, c] = [around.node(), around.node(), around.node()];
    const few = sources({ s7: "1" }, 900);
    await a.sync({ values: { x: "1" }, held: few, ages: agesOf(few, 60_000) });
    const many = sources({ s7: "2" }, 1_100);
    await b.sync({ values: { x: "2" }, held: many, ages: agesOf(many, 90_000) });
    expect(b.results).toEqual(["older"]);
    await c.sync({ values: { x: "2" }, held: many, ages: agesOf(many, 30_000) });
    expect([dataOf(around.cluster), c.results]).toEqual([{ x: "2" }, ["written"]]);
  });
});

describe("annotations that are too long all the same", () => {
  it("are told, with the cure that helps", async () => {
    const node = around.node({ metadataPrefixes: ["example.com/"] });
    const annotations = new Map([["example.com/note", "x".repeat(262_144)]]);
    expect(await node.sync({ spec: { annotations } })).toBe("refused");
    expect(node.log.at(-1)?.error).toBe(
      'LK0053 kubernetesSecrets[0]: the Kubernetes API finds the Secret shop/db invalid ("metadata.annotations", FieldValueTooLong). Fix: shorten the annotations in kubernetesSecrets: with Latchkey\'s own notes they may have 256 KiB',
    );
  });
});
