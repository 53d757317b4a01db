import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Unproved } from "../../src/sync/offer.ts";
import { until } from "../cache/until.ts";
import { dataOf } from "../servers/data-of.ts";
import { type SyncCluster, type SyncNode, startSyncCluster } from "./sync-fixture.ts";

type Verdict = "proved" | "later" | "never";

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster(["shop", "bank"]);
});

afterEach(() => around.stop());

/** Tokens that wait for keys; `verdict` can be changed. */
function tokens(verdict: Verdict = "later") {
  const state = { verdict, asked: 0 };
  const again = async () => {
    state.asked += 1;
    return state.verdict;
  };
  const unproved: Unproved = { why: "the keys are not known yet", fix: "see the log", again };
  return { state, wish: { proved: false, unproved } };
}

async function prove(node: SyncNode): Promise<void> {
  node.syncer.proveAgain();
  await until(() => dataOf(around.cluster) !== undefined);
}

describe("a Secret of an identity that is not proved yet", () => {
  it("waits without a call to the API, and is written by itself once the keys are known", async () => {
    const node = around.node();
    const { state, wish } = tokens();
    const offered = node.offer(wish);
    expect([offered.state, offered.tried, around.cluster.requests.length]).toEqual(["queued", undefined, 0]);
    expect(node.log).toMatchObject([
      {
        result: "failed",
        error:
          "LK0051 kubernetesSecrets[0]: the pod's identity is not proved, so its Kubernetes Secret has to wait: the keys are not known yet. Fix: see the log",
      },
    ]);
    node.offer(wish);
    expect(node.log.length).toBe(1);
    state.verdict = "proved";
    await prove(node);
    await until(() => node.results.length === 2);
    expect([dataOf(around.cluster), node.results]).toEqual([{ password: "p1" }, ["failed", "written"]]);
  });

  it("is tried by itself every ten seconds: time alone can prove a token, too", async () => {
    const node = around.node();
    const { state, wish } = tokens();
    node.offer(wish);
    await node.time.advance(20_000);
    expect(state.asked).toBe(2);
    state.verdict = "proved";
    await node.time.advance(10_000);
    await until(() => node.results.includes("written"));
    expect([state.asked, node.time.timers]).toEqual([3, 0]);
  });

  it("is refused once its tokens prove nothing any more", async () => {
    const node = around.node();
    const { state, wish } = tokens();
    node.offer(wish);
    state.verdict = "never";
    await node.time.advance(10_000);
    expect([node.results, around.cluster.requests.length, node.time.timers]).toEqual([["failed", "refused"], 0, 0]);
  });

  it("is of the newest content", async () => {
    const node = around.node();
    const { state, wish } = tokens();
    node.offer(wish);
    node.offer({ ...wish, values: { password: "p2" } });
    state.verdict = "proved";
    await prove(node);
    expect([dataOf(around.cluster), around.writes().length]).toEqual([{ password: "p2" }, 1]);
  });

  it("never comes over what a proved one has written meanwhile", async () => {
    const node = around.node();
    const { state, wish } = tokens();
    node.offer({ ...wish, ages: { db: 60_000 } });
    await node.sync({ values: { password: "p2" } });
    state.verdict = "proved";
    node.syncer.proveAgain();
    await until(() => node.results.includes("older"));
    expect(dataOf(around.cluster)).toEqual({ password: "p2" });
  });

  it("is held within 8 MiB, and a namespace that floods loses its own", async () => {
    const node = around.node();
    const { state, wish } = tokens();
    node.offer({ ...wish, namespace: "bank" });
    const values = { a: Buffer.alloc(1024 ** 2, "x") };
    for (let count = 0; count < 20; count += 1) node.offer({ ...wish, values, spec: { name: `s${count}` } });
    expect(node.results.filter((result) => result === "dropped").length).toBe(13);
    state.verdict = "proved";
    node.syncer.proveAgain();
    await until(() => dataOf(around.cluster, "db", "bank") !== undefined);
  });

  it("is given up at the stop", async () => {
    const node = around.node();
    node.offer(tokens().wish);
    await node.syncer.close();
    expect(node.time.timers).toBe(0);
  });
});

describe("a Secret of an identity that will not be proved", () => {
  it("is refused at once, with the reason", async () => {
    const node = around.node();
    const unproved = { why: "the token has expired", fix: "renew it" };
    expect(await node.sync({ proved: false, unproved })).toBe("refused");
    expect(node.log[0]?.error).toBe(
      "LK0051 kubernetesSecrets[0]: the pod's identity is not proved, so it writes no Kubernetes Secret: the token has expired. Fix: renew it",
    );
  });
});
