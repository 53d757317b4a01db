import { describe, expect, it } from "vitest";
import { type ErrorId, ProviderError } from "../../src/errors.ts";
import { type Sending, startGate } from "./gate-fixture.ts";
import { errorIdOf, watch } from "./settled.ts";

function start(budget = { calls: 2, queue: 100 }) {
  const started = startGate({ budget, hasNext: true });
  const { store, send } = started;
  const fail = async (id: ErrorId, times: number, more: Sending = {}) => {
    store.fails(id);
    for (let time = 0; time < times; time += 1) await errorIdOf(send({ repeatable: false, ...more }));
  };
  return { ...started, fail };
}

describe("the gate", () => {
  it("gives what the store gives", async () => {
    expect((await start().send()).value).toBe("v1");
  });

  const judged: readonly { id: ErrorId; state: string }[] = [
    { id: "LK0030", state: "open" },
    { id: "LK0039", state: "open" },
    { id: "LK0041", state: "open" },
    { id: "LK0031", state: "closed" },
    { id: "LK0032", state: "closed" },
    { id: "LK0033", state: "closed" },
    { id: "LK0034", state: "closed" },
    { id: "LK0036", state: "closed" },
    { id: "LK0037", state: "closed" },
    { id: "LK0006", state: "closed" },
    { id: "LK0012", state: "closed" },
  ];
  it.each(judged)("is $state after $id five times", async ({ id, state }) => {
    const { gate, fail } = start();
    await fail(id, 5);
    expect(gate.state).toBe(state);
  });

  it("is closed after an outage of single calls, with which the store was reached, and after one between them", async () => {
    const { gate, store, send, fail } = start();
    await fail("LK0030", 2);
    store.fails("LK0030", { reached: true });
    for (let time = 0; time < 5; time += 1) await errorIdOf(send({ repeatable: false }));
    await fail("LK0030", 2);
    expect(gate.state).toBe("closed");
  });

  const silent: readonly ErrorId[] = ["LK0001", "LK0006", "LK0009", "LK0011", "LK0012", "LK0013", "LK0014", "LK0022"];
  it.each(silent)("stays open when a probe ends with %s, which the store did not say", async (id) => {
    const { time, gate, fail } = start();
    await fail("LK0030", 3);
    await time.advance(2_000);
    await fail(id, 1);
    expect(gate.state).toBe("open");
  });

  it("stays open while callers leave that nobody answered", async () => {
    const { time, gate, store, send, fail } = start();
    await fail("LK0030", 3);
    await time.advance(2_000);
    store.hangs();
    const caller = new AbortController();
    const left = errorIdOf(send({ signal: caller.signal }));
    caller.abort(new ProviderError("LK0009", "stopping"));
    expect([await left, gate.state]).toEqual(["LK0009", "open"]);
  });

  it.each(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "TIMEOUT", "503"])(
    "holds nobody else back for %s, which one namespace alone has seen",
    async (storeCode) => {
      const { gate, store, send } = start();
      store.fails("LK0030", { storeCode });
      for (let time = 0; time < 5; time += 1) await errorIdOf(send({ repeatable: false, namespace: "flood" }));
      expect([gate.stateFor("flood"), gate.stateFor("shop"), gate.state]).toEqual(["open", "closed", "open"]);
    },
  );

  it("takes a TLS alert for an answer, and asks no third time", async () => {
    const { gate, store, send, time } = start();
    const begun = time.now();
    store.fails("LK0030", { storeCode: "EPROTO", reached: true, unwelcome: true });
    for (let at = 0; at < 3; at += 1) await errorIdOf(send({ hasNext: false }));
    expect([gate.state, gate.stateFor("shop"), store.count, time.now() - begun]).toEqual(["closed", "closed", 6, 0]);
  });

  it("answers LK0030 at once while open, without a call", async () => {
    const { store, send, fail } = start();
    await fail("LK0030", 3);
    expect([await errorIdOf(send()), await errorIdOf(send({ urgent: false })), store.count]).toEqual([
      "LK0030",
      "LK0030",
      3,
    ]);
  });

  const told: readonly (readonly [ErrorId, string | undefined, string])[] = [
    ["LK0030", "ECONNREFUSED", "the store cannot be reached (ECONNREFUSED): https://vault, for 7 s now; "],
    ["LK0030", "503", "the store cannot be reached (503): https://vault, for 7 s now; "],
    [
      "LK0039",
      "CERT_HAS_EXPIRED",
      "the store's TLS certificate is not trusted (CERT_HAS_EXPIRED): https://vault, for 7 s now; ",
    ],
    ["LK0041", "503", "the store is sealed or not active (503): https://vault, for 7 s now; "],
    ["LK0041", undefined, "the store is sealed or not active: https://vault, for 7 s now; "],
  ];
  it.each(told)(
    "says while open what was wrong last (%s, %s), where, since when, and when it asks again",
    async (id, storeCode, text) => {
      const { time, store, send, fail } = start();
      await fail("LK0030", 2);
      await time.advance(7_000);
      store.fails(id, { storeCode });
      await errorIdOf(send({ repeatable: false }));
      const error = await send().catch((thrown: ProviderError) => thrown);
      expect(error).toMatchObject({ id, message: `${text}it is tried again in 1 s` });
      // The failure of somebody else can name what is theirs.
      expect(JSON.stringify(error)).not.toContain("says the store");
    },
  );

  it("says of a store that keeps calls waiting that it does", async () => {
    const { time, store, send } = start();
    store.hangs();
    void errorIdOf(send({ repeatable: false }));
    await time.advance(1_500);
    const error = await send({ urgent: false }).catch((thrown: ProviderError) => thrown);
    expect(error).toMatchObject({
      id: "LK0030",
      message: "https://vault keeps calls waiting; it is tried again in 1 s",
    });
    await time.advance(15_000);
  });

  it("closes when a probe is answered", async () => {
    const { time, gate, store, send, fail } = start();
    await fail("LK0030", 3);
    await time.advance(1_000);
    store.gives("healed");
    expect((await send()).value).toBe("healed");
    expect(gate.state).toBe("closed");
  });

  it("lets those who have nothing to serve wait for the answer of a probe, and then ask", async () => {
    const { time, store, send, fail } = start({ calls: 32, queue: 100 });
    await fail("LK0030", 3);
    await time.advance(1_000);
    store.gives("healed");
    const mount = Array.from({ length: 10 }, () => send());
    const other = errorIdOf(send({ urgent: false }));
    expect((await Promise.all(mount)).map(({ value }) => value)).toEqual(Array(10).fill("healed"));
    expect([await other, store.count]).toEqual(["LK0030", 13]);
  });

  it("sends them away where the probe fails, and where it takes longer than a slow call", async () => {
    const { time, store, send, fail } = start();
    await fail("LK0030", 3);
    await time.advance(1_000);
    store.hangs();
    const probe = errorIdOf(send({ repeatable: false }));
    const waiting = watch(send());
    await time.advance(1_499);
    expect([waiting.state, store.count]).toEqual(["pending", 4]);
    await time.advance(1);
    expect([waiting.reason, store.count]).toEqual([expect.objectContaining({ id: "LK0030" }), 4]);
    await time.advance(15_000);
    await probe;
    store.fails("LK0030");
    expect(await Promise.all([errorIdOf(send()), errorIdOf(send())])).toEqual(["LK0030", "LK0030"]);
    expect(store.count).toBe(5);
  });

  it("sends a probe also while calls that hang hold every place", async () => {
    const { time, store, send } = start();
    store.hangs();
    const hanging = Array.from({ length: 4 }, () => errorIdOf(send({ repeatable: false })));
    await time.advance(15_000);
    await Promise.all(hanging.slice(0, 2));
    await errorIdOf(send({ repeatable: false }), time);
    const more = Array.from({ length: 4 }, () => errorIdOf(send({ repeatable: false })));
    store.gives("healed");
    await time.advance(1_000);
    expect((await send()).value).toBe("healed");
    await time.advance(60_000);
    await Promise.all([...hanging, ...more]);
  });

  it("sends those who wait for a place away when it opens", async () => {
    const { time, store, send } = start({ calls: 1, queue: 100 });
    const held = store.waits();
    const waiting = [errorIdOf(send({ repeatable: false }))];
    await time.advance(0);
    for (let index = 0; index < 5; index += 1) waiting.push(errorIdOf(send({ repeatable: false })));
    held.fail("LK0030");
    await Promise.all(waiting);
    expect(store.count).toBe(3);
  });

  it("counts as slow while a call waits too long, and lets one that is not urgent through now and then", async () => {
    const { time, gate, store, send } = start({ calls: 1, queue: 0 });
    store.hangs();
    const slow = errorIdOf(send({ repeatable: false }));
    await time.advance(1_500);
    expect(gate.state).toBe("slow");
    expect(await errorIdOf(send({ urgent: false }))).toBe("LK0030");
    await time.advance(1_000);
    store.gives("probed");
    expect((await send({ urgent: false })).value).toBe("probed");
    expect(gate.state).toBe("closed");
    await time.advance(60_000);
    expect(await slow).toBe("LK0030");
  });

  it.each([
    { urgent: true, ms: 15_000 },
    { urgent: false, ms: 3_000 },
  ])("ends an attempt after $ms ms where urgent is $urgent", async ({ urgent, ms }) => {
    const { time, store, send } = start();
    store.hangs();
    const call = watch(send({ urgent, repeatable: false }));
    await time.advance(ms - 1);
    expect([call.state, store.signals[0]?.aborted]).toEqual(["pending", false]);
    await time.advance(1);
    expect([call.state, store.signals[0]?.aborted]).toEqual(["rejected", true]);
    expect(time.timers).toBe(0);
  });

  it("backs off the login that was throttled, for as long as the store asks, and no other", async () => {
    const { time, store, send } = start();
    store.fails("LK0031", { retryAfterMs: 5_000 });
    await errorIdOf(send({ login: "a" }));
    store.gives("v2");
    expect([await errorIdOf(send({ login: "a" })), (await send({ login: "b" })).value]).toEqual(["LK0031", "v2"]);
    await time.advance(5_000);
    expect([(await send({ login: "a" })).value, store.count]).toEqual(["v2", 3]);
  });

  const retried: readonly { id: ErrorId; repeatable: boolean; calls: number }[] = [
    { id: "LK0030", repeatable: true, calls: 2 },
    { id: "LK0030", repeatable: false, calls: 1 },
    { id: "LK0031", repeatable: true, calls: 1 },
    { id: "LK0033", repeatable: true, calls: 1 },
    { id: "LK0036", repeatable: true, calls: 1 },
  ];
  it.each(retried)("makes $calls calls for $id where repeatable is $repeatable", async ({ id, repeatable, calls }) => {
    const { store, send } = start();
    store.fails(id);
    expect(await errorIdOf(send({ repeatable }))).toBe(id);
    expect(store.count).toBe(calls);
  });

  it("does not try again for who has gone", async () => {
    const { time, store, send } = start();
    const held = store.waits();
    const caller = new AbortController();
    const call = errorIdOf(send({ signal: caller.signal }));
    await time.advance(0);
    caller.abort(new ProviderError("LK0030", "gone"));
    held.fail("LK0030");
    expect([await call, store.count]).toEqual(["LK0030", 1]);
  });

  it("keeps retries within a tenth of the calls and three more", async () => {
    const { gate, store, send } = start();
    for (let call = 0; call < 20; call += 1) {
      store.fails("LK0030");
      await errorIdOf(send());
      store.gives("v1");
      await send();
    }
    expect([store.count, gate.state]).toEqual([40 + 3 + 4, "closed"]);
  });

  it("leaves nothing under way when its callers have gone", async () => {
    const { time, store, send } = start();
    store.hangs();
    const caller = new AbortController();
    const calls = Array.from({ length: 10 }, () => errorIdOf(send({ signal: caller.signal })));
    await time.advance(0);
    caller.abort(new ProviderError("LK0006", "gone"));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["LK0006"]));
    store.gives("next");
    expect([(await send()).value, time.timers, store.running]).toEqual(["next", 0, 0]);
  });
});
