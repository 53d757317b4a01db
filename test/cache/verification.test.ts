import { describe, expect, it } from "vitest";
import type { Tried } from "../../src/cache/trial.ts";
import type { Verified } from "../../src/cache/verification.ts";
import { CacheFixture, hour, minute, second } from "./cache-fixture.ts";

/** A node that tries new values: the target says `says` of them, which a test may change. */
class Trying {
  readonly told: string[] = [];
  readonly tried: string[] = [];
  says: Tried = { verdict: "refused", code: "28P01" };
  readonly node: CacheFixture;
  readonly verify = {
    hold: hour,
    try: async (value: string) => {
      this.tried.push(value);
      await Promise.resolve();
      return this.says;
    },
  };

  constructor() {
    const verified = ({ verdict, fate, code }: Verified) => this.told.push(`${verdict} ${code} ${fate}`);
    this.node = new CacheFixture({ verified });
  }

  /** The value that a pod gets, and its age in seconds. */
  async get(bounds: { readonly notBefore?: number; readonly maxStale?: number } = {}): Promise<string> {
    const { value, ageMs } = await this.node.ask({ verify: this.verify, bounds });
    return `${value} ${ageMs / second}`;
  }

  /** Has v1, and then learns of v2. */
  async rotated(): Promise<string> {
    await this.get();
    this.told.length = 0;
    this.tried.length = 0;
    this.node.store.gives("v2");
    await this.node.time.advance(3 * minute);
    return await this.get();
  }
}

describe("a value that is tried before it is released", () => {
  it("takes the place of the older one at once if its target lets it in", async () => {
    const trying = new Trying();
    trying.says = { verdict: "ok" };
    expect(await trying.rotated()).toBe("v2 0");
    expect([trying.tried, trying.told]).toEqual([["v2"], ["ok undefined undefined"]]);
  });

  it("is held back while its target refuses it, the older one dated by its own fetch, and tried again after 30 s", async () => {
    const trying = new Trying();
    expect(await trying.rotated()).toBe("v1 180");
    await trying.node.time.advance(29 * second);
    expect(await trying.get()).toBe("v1 209");
    expect(trying.tried).toEqual(["v2"]);
    await trying.node.time.advance(1 * second);
    expect(await trying.get()).toBe("v1 210");
    expect(trying.tried).toEqual(["v2", "v2"]);
    trying.says = { verdict: "ok" };
    await trying.node.time.advance(30 * second);
    expect(await trying.get()).toBe("v2 0");
    expect(trying.told).toEqual(["refused 28P01 held", "refused 28P01 undefined", "ok undefined released"]);
  });

  it("is released after the hold, though it is refused still", async () => {
    const trying = new Trying();
    await trying.rotated();
    await trying.node.time.advance(hour - 1);
    expect(await trying.get()).toBe(`v1 ${(3 * minute + hour - 1) / second}`);
    await trying.node.time.advance(30 * second);
    expect(await trying.get()).toBe("v2 0");
    expect(trying.told.at(-1)).toBe("refused 28P01 overdue");
  });

  it("does not start the hold again where a third value comes", async () => {
    const trying = new Trying();
    await trying.rotated();
    trying.node.store.gives("v3");
    await trying.node.time.advance(hour);
    expect(await trying.get()).toBe("v3 0");
  });

  it("is no longer held where the store goes back to the older value", async () => {
    const trying = new Trying();
    await trying.rotated();
    trying.node.store.gives("v1");
    await trying.node.time.advance(30 * second);
    expect(await trying.get()).toBe("v1 0");
    trying.node.store.gives("v2");
    await trying.node.time.advance(hour);
    expect(await trying.get()).toBe("v1 3600");
  });

  it("is released where its target does not get to say", async () => {
    const trying = new Trying();
    trying.says = { verdict: "unreachable", code: "ECONNREFUSED" };
    expect(await trying.rotated()).toBe("v2 0");
    expect(trying.told).toEqual(["unreachable ECONNREFUSED untried"]);
  });

  it("stays held where its target refused it and cannot be reached since", async () => {
    const trying = new Trying();
    await trying.rotated();
    trying.says = { verdict: "unreachable", code: "ETIMEDOUT" };
    await trying.node.time.advance(30 * second);
    expect(await trying.get()).toBe("v1 210");
    await trying.node.time.advance(hour);
    expect(await trying.get()).toBe("v2 0");
    expect(trying.told.at(-1)).toBe("unreachable ETIMEDOUT overdue");
  });

  it("is delivered where there is nothing older, and told of if it is refused", async () => {
    const trying = new Trying();
    expect(await trying.get()).toBe("v1 0");
    await trying.node.time.advance(0);
    expect(trying.told).toEqual(["refused 28P01 warned"]);
  });

  it("is held over a restart", async () => {
    const trying = new Trying();
    await trying.rotated();
    await trying.node.restart();
    await trying.node.time.advance(minute);
    expect(await trying.get()).toBe("v1 240");
    await trying.node.time.advance(hour - minute);
    expect(await trying.get()).toBe("v2 0");
  });

  it("goes beyond maxStale while it is held: the store answers", async () => {
    const trying = new Trying();
    await trying.rotated();
    await trying.node.time.advance(30 * minute);
    expect(await trying.get({ maxStale: minute })).toBe("v1 1980");
  });

  it("comes at once after a notBefore and after a drop", async () => {
    const [one, other] = [new Trying(), new Trying()];
    await one.rotated();
    expect(await one.get({ notBefore: one.node.time.wall() })).toBe("v2 0");
    await other.rotated();
    await other.node.cache.drop(() => true);
    expect(await other.get()).toBe("v2 0");
  });

  it("is kept where the older one is dropped while it is tried", async () => {
    const trying = new Trying();
    await trying.get();
    trying.node.store.gives("v2");
    await trying.node.time.advance(3 * minute);
    const { promise, resolve } = Promise.withResolvers<Tried>();
    const verify = { hold: hour, try: () => promise };
    const asked = trying.node.ask({ verify });
    await trying.node.time.advance(0);
    await trying.node.cache.drop(() => true);
    resolve({ verdict: "refused" });
    expect((await asked).value).toBe("v2");
  });

  it("is tried once for all that ask at once", async () => {
    const trying = new Trying();
    await trying.get();
    trying.node.store.gives("v2");
    trying.tried.length = 0;
    await trying.node.time.advance(3 * minute);
    expect(await Promise.all([trying.get(), trying.get(), trying.get()])).toEqual(["v1 180", "v1 180", "v1 180"]);
    expect(trying.tried).toEqual(["v2"]);
  });

  it("is not tried if the store issued it", async () => {
    const trying = new Trying();
    trying.node.store.gives("v1", { issued: true });
    await trying.get();
    trying.node.store.gives("v2", { issued: true });
    await trying.node.time.advance(hour);
    expect(await trying.get()).toBe("v2 0");
    expect(trying.tried).toEqual([]);
  });
});
