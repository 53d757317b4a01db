import { describe, expect, it } from "vitest";
import { type ErrorId, ProviderError } from "../../src/errors.ts";
import { errorIdOf } from "../cache/settled.ts";
import { settle } from "../cache/virtual-time.ts";
import { context, FakeLogins } from "./fake-logins.ts";

const minute = 60_000;

describe("a login", () => {
  it("serves a storm of reads, and those after it", async () => {
    const store = new FakeLogins();
    await Promise.all(Array.from({ length: 100 }, () => store.read()));
    await store.read();
    expect(store.events).toEqual(["open 1"]);
  });

  it("is one for each identity and settings", async () => {
    const store = new FakeLogins();
    expect(await Promise.all(["a", "b", "a"].map((key) => store.read(key)))).toEqual(["by 1", "by 2", "by 1"]);
  });

  it("that fails is tried again by who comes next, and only by them", async () => {
    const { sessions } = new FakeLogins();
    let logins = 0;
    const open = async () => {
      logins += 1;
      throw new ProviderError("LK0032", "refused");
    };
    const read = () =>
      errorIdOf(sessions.read({ key: "login", store: "vault", namespace: "shop", pod: "", open }, "ref", context));
    expect([...(await Promise.all([read(), read()])), logins]).toEqual(["LK0032", "LK0032", 1]);
    await read();
    expect(logins).toBe(2);
  });

  it("is replaced when a tenth of its life is left, and ended", async () => {
    const store = new FakeLogins();
    store.life = 10 * minute;
    await store.read();
    await store.time.advance(9 * minute - 1);
    expect(await store.read()).toBe("by 1");
    await store.time.advance(1);
    expect(await store.read()).toBe("by 2");
    expect(store.events).toEqual(["open 1", "open 2", "close 1"]);
  });

  it("tells when it ends, for what hangs on it", async () => {
    const store = new FakeLogins();
    store.life = 10 * minute;
    const ends: unknown[] = [];
    for (store.issues of [false, true]) {
      const { expiresAt } = await store.sessions.read(store.way(), "ref", context);
      ends.push(expiresAt);
    }
    expect(ends).toEqual([undefined, store.time.wall() + 10 * minute]);
  });

  it("that is unused for ten minutes is ended when another is asked for", async () => {
    const store = new FakeLogins();
    await store.read("idle");
    await store.read("busy");
    for (let passed = 0; passed < 3; passed += 1) {
      await store.time.advance(5 * minute);
      await store.read("busy");
    }
    expect(store.events).toEqual(["open 1", "open 2", "close 1"]);
  });

  it("is not ended while somebody uses it, but afterwards", async () => {
    const store = new FakeLogins();
    store.life = 10 * minute;
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    const slow = store.read();
    await store.time.advance(9 * minute);
    store.gate = undefined;
    await store.read();
    expect(store.events).toEqual(["open 1", "open 2"]);
    resolve();
    expect([await slow, store.events.at(-1)]).toEqual(["by 1", "close 1"]);
  });
});

describe("a login that is good for so many requests", () => {
  it("is replaced after the last of them, however young it is", async () => {
    const store = new FakeLogins();
    store.uses = 2;
    const read: string[] = [];
    for (let number = 0; number < 5; number += 1) read.push(await store.read());
    expect(read).toEqual(["by 1", "by 1", "by 2", "by 2", "by 3"]);
    expect(store.events).toEqual(["open 1", "open 2", "close 1", "open 3", "close 2"]);
  });

  it("is never used more often, whoever reads at once", async () => {
    const store = new FakeLogins();
    store.uses = 3;
    await Promise.all(Array.from({ length: 10 }, (_, pod) => store.read("login", { pod: `pod-${pod}` })));
    expect(store.events.filter((event) => event.includes("too often"))).toEqual([]);
    expect(store.opened).toBe(4);
  });

  it("is not renewed when they are used up", async () => {
    const store = new FakeLogins({ life: 10 * minute, renewals: true });
    store.uses = 1;
    await store.read();
    await store.time.advance(9 * minute);
    expect([await store.read(), store.events]).toEqual(["by 2", ["open 1", "open 2", "close 1"]]);
  });
});

describe("a login that something hangs on", () => {
  it("is renewed when a tenth of its life is left", async () => {
    const store = new FakeLogins({ life: 10 * minute, renewals: true });
    for (let passed = 0; passed < 4; passed += 1) {
      expect(await store.read()).toBe("by 1");
      await store.time.advance(9 * minute);
    }
    expect(store.events).toEqual(["open 1", "renew 1", "renew 1", "renew 1"]);
  });

  it("is renewed once for all who read at that time", async () => {
    const store = new FakeLogins({ life: 10 * minute, renewals: true });
    await store.read();
    await store.time.advance(9 * minute);
    await Promise.all(Array.from({ length: 50 }, () => store.read()));
    expect(store.events).toEqual(["open 1", "renew 1"]);
  });

  it("is replaced where a renewal brings little, for its longest life is near", async () => {
    const store = new FakeLogins({ life: 10 * minute, renewals: true });
    await store.read();
    await store.time.advance(9 * minute);
    store.life = 4 * minute;
    expect(await store.read()).toBe("by 2");
    expect(store.events).toEqual(["open 1", "renew 1", "open 2", "close 1"]);
  });

  it.each<false | ErrorId>([false, "LK0033", "LK0030"])("is replaced where a renewal gives %s", async (renewals) => {
    const store = new FakeLogins({ life: 10 * minute, renewals });
    await store.read();
    await store.time.advance(9 * minute);
    expect([await store.read(), store.opened]).toEqual(["by 2", 2]);
  });
});

describe("a login for one pod alone", () => {
  it("is no other pod's, not even one that waited for it", async () => {
    const store = new FakeLogins({ scope: "pod" });
    const read = (pod: string) => store.read("login", { pod });
    expect(await Promise.all([read("a"), read("b"), read("a")])).toEqual(["by 1", "by 2", "by 1"]);
    expect([await read("b"), await read("a"), store.opened]).toEqual(["by 2", "by 1", 2]);
  });

  it("is told with what it read", async () => {
    const store = new FakeLogins({ scope: "pod" });
    expect(await store.sessions.read(store.way(), "ref", context)).toMatchObject({ forPod: true });
    store.scope = undefined;
    expect(await store.sessions.read(store.way("other"), "ref", context)).toMatchObject({ forPod: false });
  });

  it("of an old age is judged by a fresh one of the same pod", async () => {
    const store = new FakeLogins({ scope: "pod" });
    await store.read("login", { pod: "a" });
    await store.read("login", { pod: "b" });
    await store.time.advance(minute);
    store.errors.set(1, "LK0033");
    expect(await store.read("login", { pod: "a" })).toBe("by 3");
    expect(await store.read("login", { pod: "b" })).toBe("by 2");
  });
});

describe("a denial", () => {
  it("of a young login is believed", async () => {
    const store = new FakeLogins();
    store.errors.set(1, "LK0033");
    await store.time.advance(minute);
    expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", 1]);
  });

  it("of a young login that may be over is judged by one fresh login", async () => {
    const store = new FakeLogins({ life: 2_000 });
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    store.errors.set(1, "LK0033");
    const slow = store.read();
    await store.time.advance(2_000);
    store.gate = undefined;
    resolve();
    expect([await slow, store.opened]).toEqual(["by 2", 2]);
  });

  it("that was taken back since is no word on a later one", async () => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    store.errors.set(1, "LK0033").set(2, "LK0033");
    await errorIdOf(store.read());
    store.errors.delete(2);
    await store.read();
    await store.time.advance(minute);
    store.errors.set(2, "LK0033");
    expect([await store.read(), store.opened]).toEqual(["by 3", 3]);
  });

  it("of a young login is no word on what it is denied later, for its token may have been revoked", async () => {
    const store = new FakeLogins();
    store.errors.set(1, "LK0033");
    expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", 1]);
    await store.time.advance(minute);
    expect([await store.read(), store.opened]).toEqual(["by 2", 2]);
  });

  it.each([
    [4_999, 1],
    [5_000, 2],
  ])("of a login that is %i ms old is heard after %i logins", async (age, logins) => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(age);
    store.errors.set(1, "LK0033").set(2, "LK0033");
    expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", logins]);
  });

  it("of an old login is judged by one fresh login, which serves all from then on", async () => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    store.errors.set(1, "LK0033");
    expect([await store.read(), await store.read()]).toEqual(["by 2", "by 2"]);
    expect(store.events).toEqual(["open 1", "close 1", "open 2"]);
  });

  it("of an old login and of the fresh one is believed", async () => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    store.errors.set(1, "LK0033").set(2, "LK0033");
    expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", 2]);
  });

  it("of an old login, heard by many at once, leads to one fresh login", async () => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    store.errors.set(1, "LK0033");
    const reads = await Promise.all(Array.from({ length: 50 }, () => store.read()));
    expect(new Set(reads)).toEqual(new Set(["by 2"]));
    expect(store.events).toEqual(["open 1", "close 1", "open 2"]);
  });

  it("that a fresh login has confirmed leads to no other login for five minutes", async () => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    store.errors.set(1, "LK0033").set(2, "LK0033").set(3, "LK0033");
    for (let poll = 0; poll < 5; poll += 1) {
      expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", 2]);
      await store.time.advance(minute);
    }
    expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", 3]);
  });

  it("of two secrets by turns leads to one login for each in five minutes", async () => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    for (let number = 1; number < 9; number += 1) store.errors.set(number, "LK0033");
    for (let poll = 0; poll < 4; poll += 1) {
      await errorIdOf(store.read("login", { ref: "a" }));
      await store.time.advance(minute);
      await errorIdOf(store.read("login", { ref: "b" }));
    }
    expect(store.opened).toBe(3);
  });

  it("of one secret is no word on another", async () => {
    const store = new FakeLogins();
    store.errors.set(1, "LK0033");
    await errorIdOf(store.read("login", { ref: "a" }));
    await store.time.advance(minute);
    expect([await store.read("login", { ref: "b" }), store.opened]).toEqual(["by 2", 2]);
  });

  it.each<ErrorId>(["LK0030", "LK0031", "LK0034", "LK0036"])("is not %s: that leads to no login", async (id) => {
    const store = new FakeLogins();
    await store.read();
    await store.time.advance(minute);
    store.errors.set(1, id);
    expect([await errorIdOf(store.read()), store.opened]).toEqual([id, 1]);
  });
});

describe("the end of all logins", () => {
  it("closes each once", async () => {
    const store = new FakeLogins();
    await Promise.all(["a", "b", "c"].map((key) => store.read(key)));
    await store.sessions.close();
    expect(store.events.slice(3)).toEqual(["close 1", "close 2", "close 3"]);
  });

  it("leaves those in use to their users, and ends them then", async () => {
    const store = new FakeLogins();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    const slow = store.read();
    await settle();
    await store.sessions.close();
    expect(store.events).toEqual(["open 1"]);
    resolve();
    await slow;
    expect(store.events).toEqual(["open 1", "close 1"]);
  });

  it("ends also one that was being opened", async () => {
    const store = new FakeLogins();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.openGate = promise;
    const late = store.read();
    await settle();
    await store.sessions.close();
    resolve();
    await late;
    expect(store.events).toEqual(["open 1", "close 1"]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("uses none after its end, whatever comes between (%i)", async (turns) => {
    const store = new FakeLogins();
    await store.read();
    const reads = [store.read(), store.read()];
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    await store.sessions.close();
    await Promise.all(reads);
    await settle();
    expect(store.events.filter((event) => /after|while|twice/.test(event))).toEqual([]);
    expect(store.events.filter((event) => event.startsWith("close")).length).toBe(store.opened);
  });
});
