import { describe, expect, it } from "vitest";
import { type ErrorDetails, type ErrorId, ProviderError } from "../../src/errors.ts";
import { type Sending, startGate } from "./gate-fixture.ts";
import { errorIdOf, watch } from "./settled.ts";

function start() {
  return startGate({ budget: { calls: 100, queue: 100 }, hasNext: false });
}

type Failure = readonly [ErrorId, ErrorDetails?];

const throttled: Failure = ["LK0031"];
const passing: Failure = ["LK0036", { passing: true }];
const inside: Failure = ["LK0030", { reached: true, storeCode: "InternalServiceError" }];
const behind: Failure = ["LK0030", { passing: true, storeCode: "503" }];
const apiBusy: Failure = ["LK0012", { retryAfterMs: 2_000 }];

describe("a call without which nothing can be served", () => {
  const patient: readonly (readonly [name: string, errors: readonly Failure[], waits: readonly number[]])[] = [
    ["is throttled once", [throttled], [1_000]],
    ["is throttled twice", [throttled, throttled], [1_000, 2_000]],
    ["is throttled with Retry-After", [["LK0031", { retryAfterMs: 7_000 }]], [7_000]],
    ["is throttled with Retry-After: 0", [["LK0031", { retryAfterMs: 0 }]], [500]],
    ["meets a fault that may pass", [passing], [500]],
    ["meets such faults twice", [passing, passing], [500, 1_000]],
    ["meets such a fault with Retry-After", [["LK0036", { passing: true, retryAfterMs: 3_000 }]], [3_000]],
    ["meets an error inside the store", [inside, inside], [500, 1_000]],
    ["is refused by what may pass", [["LK0032", { passing: true }]], [500]],
    ["finds the Kubernetes API busy", [apiBusy], [2_000]],
    ["cannot reach the store once", [["LK0030"]], [0]],
    ["is answered twice by a balancer that reaches nobody", [behind, behind], [500, 1_000]],
    ["meets different failures", [["LK0030"], throttled], [0, 1_000]],
  ];
  it.each(patient)("is made again when it %s", async (_, errors, waits) => {
    const { time, store, send } = start();
    store.failsThenGives(errors);
    const call = watch(send());
    await time.advance(0);
    for (const [index, wait] of waits.entries()) {
      if (wait > 0) await time.advance(wait - 1);
      expect(store.count).toBe(wait > 0 ? index + 1 : index + 2);
      if (wait > 0) await time.advance(1);
    }
    expect(call).toMatchObject({ state: "fulfilled", value: { value: "v1" } });
    expect([store.count, time.timers]).toEqual([errors.length + 1, 0]);
  });

  it.each([
    { failure: throttled },
    { failure: passing },
    { failure: inside },
    { failure: apiBusy },
    { failure: behind },
  ])("is made three times at most ($failure)", async ({ failure: [id, details] }) => {
    const { time, store, send } = start();
    store.fails(id, details);
    expect([await errorIdOf(send(), time), store.count]).toEqual([id, 3]);
  });

  const final: readonly ErrorId[] = ["LK0036", "LK0032", "LK0033", "LK0034", "LK0037", "LK0009", "LK0011"];
  it.each(final)("is made once where another try would change nothing (%s)", async (id: ErrorId) => {
    const { time, store, send } = start();
    store.fails(id);
    expect([await errorIdOf(send(), time), store.count]).toEqual([id, 1]);
  });

  it.each(["LK0030", "LK0039", "LK0041"] as const)("is made twice, at once, where nobody answers (%s)", async (id) => {
    const { store, send } = start();
    store.fails(id);
    expect([await errorIdOf(send()), store.count]).toEqual([id, 2]);
  });

  it("waits longer by up to half a second or a quarter, at random", async () => {
    const budget = { calls: 2, queue: 100 };
    const { time, store, send } = startGate({ budget, random: () => 1, hasNext: false });
    const waited = async (...failure: Failure) => {
      store.failsThenGives([failure]);
      const begun = time.now();
      const ended = send({ login: failure[0] }).then(() => time.now());
      await time.advance(20_000);
      return (await ended) - begun;
    };
    expect(await waited(...passing)).toBe(1_000);
    expect(await waited("LK0031", { retryAfterMs: 8_000 })).toBe(10_000);
  });

  it("is not made again when time is short: the store's own word is the error", async () => {
    const { time, store, send } = start();
    store.fails("LK0031", { retryAfterMs: 29_500 });
    expect(await errorIdOf(send())).toBe("LK0031");
    expect([store.count, time.timers]).toEqual([1, 0]);
  });

  it("ends with the store's own word when its caller leaves while it waits", async () => {
    const { time, store, send } = start();
    store.fails("LK0031");
    const caller = new AbortController();
    const call = errorIdOf(send({ signal: caller.signal }));
    await time.advance(10);
    caller.abort(new ProviderError("LK0006", "gone"));
    expect([await call, store.count, time.timers]).toEqual(["LK0031", 1, 0]);
  });

  it("waits with the others of its login while the store wants to be left alone", async () => {
    const { time, store, send } = start();
    store.failsThenGives([["LK0031", { retryAfterMs: 5_000 }]]);
    const first = watch(send());
    await time.advance(100);
    const others = Array.from({ length: 9 }, () => watch(send()));
    await time.advance(4_899);
    expect([first.state, ...others.map(({ state }) => state), store.count]).toEqual([...Array(10).fill("pending"), 1]);
    await time.advance(1);
    expect([first.state, ...others.map(({ state }) => state)]).toEqual(Array(10).fill("fulfilled"));
    expect(store.count).toBe(11);
  });

  it("keeps within the budget of retries, and waits for its turn there", async () => {
    const { time, store, send } = start();
    const errors = Array.from({ length: 20 }, () => inside);
    store.failsThenGives(errors);
    const calls = Array.from({ length: 20 }, () => watch(send()));
    await time.advance(600);
    // A tenth of the twenty calls, and three besides.
    expect(store.count).toBe(20 + 2 + 3);
    await time.advance(30_000);
    expect(store.count).toBeLessThanOrEqual(20 + 2 + 3 + 10);
    expect(calls.filter(({ state }) => state === "fulfilled").length).toBeGreaterThan(10);
    expect(calls.filter(({ state }) => state === "pending")).toEqual([]);
    expect(time.timers).toBe(0);
  });

  it("takes one retry for all that share a failure, such as that of their login", async () => {
    const { time, store, send } = start();
    const error = new ProviderError("LK0030", "says the store", { reached: true, login: true });
    let failing = true;
    const run = async (signal: AbortSignal) => {
      if (failing) throw error;
      return await store.load(signal);
    };
    const calls = Array.from({ length: 20 }, () => watch(send({ run })));
    await time.advance(0);
    failing = false;
    await time.advance(500);
    expect(calls.map(({ state }) => state)).toEqual(Array(20).fill("fulfilled"));
  });

  it("is not made again where nobody is reached any more", async () => {
    const { time, gate, store, send } = start();
    store.fails("LK0036", { passing: true });
    const waiting = errorIdOf(send());
    await time.advance(0);
    store.fails("LK0030");
    for (let time = 0; time < 3; time += 1) await errorIdOf(send({ repeatable: false }));
    expect(gate.state).toBe("open");
    await time.advance(500);
    expect([await waiting, store.count]).toEqual(["LK0030", 4]);
  });
});

describe("a call that waits for nothing", () => {
  const others: readonly (readonly [name: string, more: Sending])[] = [
    ["may arrive once only", { repeatable: false }],
    ["has something else to serve", { urgent: false }],
    ["has somewhere else to ask", { hasNext: true }],
  ];
  it.each(others)("is one that %s", async (_, more) => {
    for (const failure of [throttled, passing, apiBusy]) {
      const { time, store, send } = start();
      store.fails(...failure);
      const begun = time.now();
      const ended = errorIdOf(send(more)).then(() => time.now());
      await time.advance(0);
      expect((await ended) - begun).toBe(0);
    }
  });

  it("may be made again though it may arrive once only, where its login failed: then it never left", async () => {
    const { time, store, send } = start();
    store.failsThenGives([["LK0030", { reached: true, login: true }]]);
    const call = watch(send({ repeatable: false }));
    await time.advance(500);
    expect([call.state, store.count]).toEqual(["fulfilled", 2]);
  });

  it("waits though it may arrive once only, while the store wants to be left alone: it has not left", async () => {
    const { time, store, send } = start();
    store.fails("LK0031");
    await errorIdOf(send({ hasNext: true }));
    store.gives("v2");
    const call = watch(send({ repeatable: false }));
    await time.advance(1_000);
    expect([call.state, store.count]).toEqual(["fulfilled", 2]);
  });
});
