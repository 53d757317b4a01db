import { describe, expect, it } from "vitest";
import { type ErrorId, ProviderError } from "../../src/errors.ts";
import { type LoginWay, Sessions } from "../../src/mount/sessions.ts";
import { Redacted } from "../../src/redacted.ts";
import type { CallContext, Outcome, Session } from "../../src/stores/store.ts";
import { errorIdOf } from "../cache/settled.ts";
import { settle, VirtualTime } from "../cache/virtual-time.ts";

const context: CallContext = { signal: new AbortController().signal, count: () => undefined };
const minute = 60_000;

/** A store that hands out logins and writes down what becomes of them. */
class FakeLogins {
  readonly time = new VirtualTime();
  readonly sessions = new Sessions(this.time);
  readonly events: string[] = [];
  /** What each session answers, by its number; a value where nothing is said. */
  readonly errors = new Map<number, ErrorId>();
  /** How long logins last. */
  life: number | undefined;
  /** What reads wait for. */
  gate: Promise<void> | undefined;
  openGate: Promise<void> | undefined;
  opened = 0;

  way(key = "login"): LoginWay {
    return { key, open: () => this.#open() };
  }

  async read(key = "login"): Promise<string> {
    const { secret } = await this.sessions.read(this.way(key), "ref", context);
    return Buffer.from(secret.value.reveal()).toString();
  }

  async #open(): Promise<Session> {
    this.opened += 1;
    const number = this.opened;
    this.events.push(`open ${number}`);
    await this.openGate;
    const expiresAt = this.life === undefined ? {} : { expiresAt: this.time.wall() + this.life };
    let closed = false;
    return {
      ...expiresAt,
      fetch: async () => {
        if (closed) this.events.push(`${number} used after its end`);
        await this.gate;
        if (closed) this.events.push(`${number} ended while in use`);
        return [this.#outcome(number)];
      },
      close: async () => {
        this.events.push(closed ? `${number} closed twice` : `close ${number}`);
        closed = true;
      },
    };
  }

  #outcome(number: number): Outcome {
    const id = this.errors.get(number);
    if (id !== undefined) return { ok: false, error: new ProviderError(id, "says the store") };
    return { ok: true, secret: { value: new Redacted<Uint8Array>(Buffer.from(`by ${number}`)) } };
  }
}

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
    const read = () => errorIdOf(sessions.read({ key: "login", open }, "ref", context));
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
    const { sessionEnd } = await store.sessions.read(store.way(), "ref", context);
    expect(sessionEnd).toBe(store.time.wall() + 10 * minute);
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

describe("a denial", () => {
  it("of a young login is believed", async () => {
    const store = new FakeLogins();
    store.errors.set(1, "LK0033");
    await store.time.advance(minute);
    expect([await errorIdOf(store.read()), store.opened]).toEqual(["LK0033", 1]);
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
