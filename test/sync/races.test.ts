import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { type SyncCluster, startSyncCluster } from "./sync-fixture.ts";

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster();
});

afterEach(() => around.stop());

const newer = { values: { password: "new" }, ages: { db: 1_000 } };
const older = { values: { password: "old" }, ages: { db: 60_000 } };

describe("two nodes with different content", () => {
  it("end with what was fetched later, whichever comes first", async () => {
    const [a, b] = [around.node(), around.node()];
    await a.sync(newer);
    expect([await b.sync(older), b.results]).toEqual(["unchanged", ["older"]]);
    expect(dataOf(around.cluster)).toEqual({ password: "new" });
    around.cluster.setSecret("shop", "db", undefined);
    const [c, d] = [around.node(), around.node()];
    await c.sync(older);
    expect([await d.sync(newer), d.results]).toEqual(["unchanged", ["written"]]);
    expect(dataOf(around.cluster)).toEqual({ password: "new" });
  });

  it("end with it also when both write at once, fifty times", async () => {
    for (let count = 0; count < 50; count += 1) {
      const spec = { name: `db-${count}` };
      const nodes = [around.node(), around.node(), around.node()];
      const wishes = [older, newer, { values: { password: "older still" }, ages: { db: 90_000 } }];
      await Promise.all(nodes.map((node, index) => node.sync({ ...wishes[index], spec })));
      expect([count, dataOf(around.cluster, spec.name)]).toEqual([count, { password: "new" }]);
    }
  });

  it("are judged by each secret of theirs: what did not change may be as old as it is", async () => {
    const [a, b] = [around.node(), around.node()];
    const held = { pinned: "same", db: "1" };
    await a.sync({ values: { x: "1" }, held, ages: { pinned: 1_000, db: 60_000 } });
    // An hour old, but the same; the other one is what counts.
    await b.sync({ values: { x: "2" }, held: { ...held, db: "2" }, ages: { pinned: 3_600_000, db: 30_000 } });
    expect([dataOf(around.cluster), b.results]).toEqual([{ x: "2" }, ["written"]]);
    // One newer and one older: nothing is replaced.
    const c = around.node();
    await c.sync({ values: { x: "3" }, held: { pinned: "before", db: "3" }, ages: { pinned: 3_600_000, db: 0 } });
    expect([dataOf(around.cluster), c.results]).toEqual([{ x: "2" }, ["older"]]);
  });

  it("go by the newer SecretProviderClass", async () => {
    const [a, b] = [around.node(), around.node()];
    await b.sync(older);
    const parameters = { ...around.parameters, more: "x" };
    around.cluster.setClass("shop", "web", { provider: "latchkey", parameters });
    await a.sync({ ...newer, parameters });
    // b has read the class a moment ago, when it was another.
    await b.sync({ values: { password: "of the class before" } });
    expect([dataOf(around.cluster), b.results]).toEqual([{ password: "new" }, ["written", "older"]]);
  });

  it("are not kept from writing by a clock that is ahead, for what they have just fetched", async () => {
    const [a, b, c] = [around.node(), around.node(), around.node()];
    a.time.stepWall(24 * 3_600_000);
    await a.sync({ values: { password: "from tomorrow" } });
    // Between the answer of a store and the look at the Secret a moment passes.
    await b.sync({ values: { password: "now" }, ages: { db: 2_000 } });
    expect([dataOf(around.cluster), b.results]).toEqual([{ password: "now" }, ["written"]]);
    around.cluster.setSecret("shop", "db", undefined);
    const ahead = around.node();
    ahead.time.stepWall(24 * 3_600_000);
    await ahead.sync({ values: { password: "from tomorrow" } });
    await c.sync({ values: { password: "stale" }, ages: { db: 3_600_000 } });
    expect([dataOf(around.cluster), c.results]).toEqual([{ password: "from tomorrow" }, ["older"]]);
  });

  it("give up on one that somebody changes at every try", async () => {
    const { api, cluster } = around;
    let count = 0;
    const node = around.node(
      {},
      {
        apply: async (...call) => {
          count += 1;
          if (count > 1) cluster.secrets.edit("shop/db", { "metadata/labels/n": String(count) });
          return await api.apply(...call);
        },
      },
    );
    await node.sync(older);
    await node.time.advance(1_000);
    expect([await node.sync(newer), count]).toEqual(["refused", 5]);
    expect(node.log.at(-1)?.error).toContain(
      "the Secret shop/db is left alone: something else changes it at every attempt",
    );
  });

  it("take what somebody made of the notes for no notes", async () => {
    const node = around.node();
    await node.sync(older);
    around.cluster.secrets.edit("shop/db", { "metadata/annotations/latchkey/sources": "{kaputt" }, "latchkey");
    const other = around.node();
    // A manager of Latchkey's name that did not apply is somebody else, whose annotation is in the way.
    expect(await other.sync(newer)).toBe("refused");
    expect(other.log.at(-1)?.error).toContain('"latchkey" wrote fields of it');
  });
});
