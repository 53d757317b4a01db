import { describe, expect, it } from "vitest";
import type { Served } from "../../src/cache/ask.ts";
import { type ErrorId, ProviderError } from "../../src/errors.ts";
import { askInOrder, type SourceAsk } from "../../src/fetch/source-order.ts";
import type { Source } from "../../src/plan/plan.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Secret } from "../../src/stores/store.ts";
import { settle, VirtualTime } from "../cache/virtual-time.ts";
import type { Outcome } from "../stores/outcomes.ts";
import { FetchFixture, outcomeOf, refuses, someIdentity } from "./fake-stores.ts";

/** When a source answers, in milliseconds, and what: `ok`, an error's id, or nothing at all. */
type Script = readonly [at: number, what: "ok" | ErrorId] | "hangs";

const secret = (text: string): Secret => ({ value: new Redacted<Uint8Array>(Buffer.from(text)) });

/** A source that notes when it was asked and answers by its script. */
class ScriptedSource implements SourceAsk {
  askedAt: number | undefined;
  readonly #name: string;
  readonly #script: Script;
  readonly #hasStale: boolean;
  readonly #time: VirtualTime;
  readonly #began: number;

  constructor(name: string, script: Script, hasStale: boolean, time: VirtualTime) {
    this.#name = name;
    this.#script = script;
    this.#hasStale = hasStale;
    this.#time = time;
    this.#began = time.now();
  }

  get(): Promise<Served<Secret>> {
    return this.fresh().catch((error: ProviderError) => {
      const kept = error.reason === "outage" || error.reason === "throttled" ? this.kept() : undefined;
      if (kept === undefined) throw error;
      return kept;
    });
  }

  async fresh(): Promise<Served<Secret>> {
    this.askedAt = this.#time.now() - this.#began;
    if (this.#script === "hangs") return await new Promise(() => undefined);
    const [at, what] = this.#script;
    await new Promise<void>((resolve) => this.#time.after(at, resolve));
    if (what === "ok") return { value: secret(this.#name), how: "fetched", ageMs: 0 };
    throw new ProviderError(what, `${what} said`, { subject: this.#name, fix: `mend ${this.#name}` });
  }

  kept(): Served<Secret> | undefined {
    return this.#hasStale ? { value: secret(`stale ${this.#name}`), how: "stale", ageMs: 9 } : undefined;
  }
}

interface Case {
  readonly what: string;
  readonly first: Script;
  readonly second: Script;
  readonly stale?: readonly ("first" | "second")[];
  /** The value, or the error in one line. */
  readonly ends: string | undefined;
  /** When it ended and when the second was asked, after the first was. */
  readonly at: readonly [ended: number | undefined, secondAsked: number | undefined];
}

async function play(order: "beforeNext" | "afterNext", { first, second, stale = [] }: Case) {
  const time = new VirtualTime();
  const began = time.now();
  const asks = [
    new ScriptedSource("first", first, stale.includes("first"), time),
    new ScriptedSource("second", second, stale.includes("second"), time),
  ] as const;
  let end: { readonly said: string; readonly at: number } | undefined;
  const note = (said: string) => {
    end = { said, at: time.now() - began };
  };
  void askInOrder(asks, {
    clock: time,
    signal: new AbortController().signal,
    stale: order,
    tryNext: ({ id }) => id !== "LK0034" && id !== "LK0041",
    ...(order === "afterNext" ? { hedgeMs: 1_000 } : {}),
  }).then(
    ({ value }) => note(Buffer.from(value.value.reveal()).toString()),
    (error: ProviderError) => note(error.describe()),
  );
  for (let ms = 0; ms < 10_000; ms += 100) {
    await time.advance(100);
    await settle();
  }
  return { ends: end?.said, at: [end?.at, asks[1].askedAt], timers: time.timers };
}

const out = "LK0030";
const no = "LK0034";
const both = "LK0030 first: LK0030 said. Fix: mend first. Next source: LK0033 second: LK0033 said. Fix: mend second";

describe("what is stale after the next source", () => {
  const cases: readonly Case[] = [
    {
      what: "first is away in a way that the second would be too",
      first: [100, "LK0041"],
      second: [0, "ok"],
      stale: ["first", "second"],
      ends: "stale first",
      at: [100, undefined],
    },
    { what: "first answers", first: [100, "ok"], second: [0, "ok"], ends: "first", at: [100, undefined] },
    { what: "first cannot be asked", first: [100, out], second: [100, "ok"], ends: "second", at: [200, 100] },
    { what: "first says no for good", first: [100, no], second: [0, "ok"], ends: said(no), at: [100, undefined] },
    {
      what: "first is late and first all the same",
      first: [1_500, "ok"],
      second: [900, "ok"],
      ends: "first",
      at: [1_500, 1_000],
    },
    {
      what: "first is late and second answers",
      first: "hangs",
      second: [100, "ok"],
      ends: "second",
      at: [1_100, 1_000],
    },
    {
      what: "first is late and second fails",
      first: [1_900, "ok"],
      second: [100, no],
      ends: "first",
      at: [1_900, 1_000],
    },
    {
      what: "first is late, then says no for good",
      first: [1_200, no],
      second: [900, "ok"],
      ends: said(no),
      at: [1_200, 1_000],
    },
    { what: "first is late, then fails", first: [1_200, out], second: [900, "ok"], ends: "second", at: [1_900, 1_000] },
    { what: "both fail", first: [100, out], second: [100, "LK0033"], ends: both, at: [200, 100] },
    {
      what: "both fail, the second first",
      first: [1_500, out],
      second: [100, "LK0033"],
      ends: both,
      at: [1_500, 1_000],
    },
    {
      what: "first fails, has stale, second answers",
      first: [100, out],
      second: [100, "ok"],
      stale: ["first"],
      ends: "second",
      at: [200, 100],
    },
    {
      what: "both fail, first has stale",
      first: [100, out],
      second: [100, out],
      stale: ["first", "second"],
      ends: "stale first",
      at: [200, 100],
    },
    {
      what: "both fail, second has stale",
      first: [100, out],
      second: [100, out],
      stale: ["second"],
      ends: "stale second",
      at: [200, 100],
    },
    {
      what: "first denies, so that its stale is no longer served",
      first: [100, "LK0033"],
      second: [100, out],
      stale: ["first", "second"],
      ends: "stale second",
      at: [200, 100],
    },
    {
      what: "both hang, first has stale",
      first: "hangs",
      second: "hangs",
      stale: ["first"],
      ends: "stale first",
      at: [2_000, 1_000],
    },
    { what: "both hang", first: "hangs", second: "hangs", ends: undefined, at: [undefined, 1_000] },
    {
      what: "both are late, none has stale",
      first: "hangs",
      second: [3_000, "ok"],
      ends: "second",
      at: [4_000, 1_000],
    },
  ];
  it.each(cases)("$what", async (one) => {
    expect(await play("afterNext", one)).toEqual({ ends: one.ends, at: one.at, timers: 0 });
  });
});

describe("what is stale before the next source", () => {
  const cases: readonly Case[] = [
    { what: "first answers", first: [100, "ok"], second: [0, "ok"], ends: "first", at: [100, undefined] },
    {
      what: "first fails and has stale",
      first: [100, out],
      second: [0, "ok"],
      stale: ["first"],
      ends: "stale first",
      at: [100, undefined],
    },
    { what: "first fails and has none", first: [100, out], second: [100, "ok"], ends: "second", at: [200, 100] },
    {
      what: "first says no",
      first: [100, no],
      second: [0, "ok"],
      stale: ["first"],
      ends: said(no),
      at: [100, undefined],
    },
    { what: "first is late", first: [5_000, "ok"], second: [0, "ok"], ends: "first", at: [5_000, undefined] },
    {
      what: "both fail, second has stale",
      first: [100, out],
      second: [100, out],
      stale: ["second"],
      ends: "stale second",
      at: [200, 100],
    },
    { what: "both fail", first: [100, out], second: [100, "LK0033"], ends: both, at: [200, 100] },
  ];
  it.each(cases)("$what", async (one) => {
    expect(await play("beforeNext", one)).toEqual({ ends: one.ends, at: one.at, timers: 0 });
  });
});

describe("a mount that ends", () => {
  it.each(["beforeNext", "afterNext"] as const)("asks no further source (%s)", async (stale) => {
    const time = new VirtualTime();
    const mount = new AbortController();
    const asks = [
      new ScriptedSource("first", [500, out], false, time),
      new ScriptedSource("second", [0, "ok"], false, time),
    ] as const;
    const end = askInOrder(asks, { clock: time, signal: mount.signal, stale, tryNext: () => true }).catch(
      (error: ProviderError) => error.describe(),
    );
    await settle();
    mount.abort();
    await time.advance(1_000);
    expect([await end, asks[1].askedAt, time.timers]).toEqual([said(out), undefined, 0]);
  });
});

describe("two sources through the cache", () => {
  const second: Source = { store: "vault", settings: { address: "https://second" }, ref: { path: "second" } };
  const next = (stale: "beforeNext" | "afterNext") =>
    ({ sources: [second], stale, tryNext: () => true, hedgeMs: 1_000 }) as const;
  const isSecond = (ref: unknown) => JSON.stringify(ref) === JSON.stringify(second.ref);
  const ok = (text: string): Outcome => ({ ok: true, secret: secret(text) });
  const down: Outcome = { ok: false, error: new ProviderError("LK0030", "is down") };

  it("are two entries: each is served as what it is", async () => {
    const node = new FetchFixture();
    const wanted = { next: next("afterNext") };
    node.reading = (_, ref) => (isSecond(ref) ? ok("second") : down);
    const seen: unknown[] = [];
    const note = async () => {
      const fetched = await node.fetch(someIdentity, wanted);
      seen.push([
        outcomeOf(fetched),
        [...fetched.answers.values()].map((answer) => ("how" in answer ? answer.how : answer.id)),
      ]);
    };
    await note();
    await note();
    node.reading = (_, ref) => ok(isSecond(ref) ? "second" : "first");
    await node.time.advance(5_000);
    await note();
    node.reading = refuses("LK0030");
    await node.time.advance(200_000);
    await note();
    expect(seen).toEqual([
      ["second", ["fetched"]],
      ["second", ["cached"]],
      ["first", ["fetched"]],
      ["first", ["stale"]],
    ]);
  });

  it("hang: what is stale is served within two seconds", async () => {
    const node = new FetchFixture();
    const wanted = { next: next("afterNext") };
    node.reading = () => ok("first");
    await node.fetch(someIdentity, wanted);
    await node.time.advance(200_000);
    node.reading = () => new Promise<never>(() => undefined);
    const fetching = node.fetch(someIdentity, wanted);
    await node.time.advance(2_000);
    expect(outcomeOf(await fetching)).toBe("first");
  });

  it("keep to their order where what is stale goes first: the next one is not asked", async () => {
    const node = new FetchFixture();
    const wanted = { next: next("beforeNext") };
    node.reading = (_, ref) => (isSecond(ref) ? ok("second") : ok("first"));
    await node.fetch(someIdentity, wanted);
    await node.time.advance(200_000);
    node.reading = (_, ref) => (isSecond(ref) ? ok("second") : down);
    expect(outcomeOf(await node.fetch(someIdentity, wanted))).toBe("first");
    expect(outcomeOf(await node.fetch(someIdentity, { ...wanted, ref: { path: "unknown" } }))).toBe("second");
  });

  it("are asked for an identity that is not proved too, and nothing stale is served", async () => {
    const node = new FetchFixture();
    const wanted = { next: next("afterNext") };
    node.reading = () => ok("first");
    await node.fetch(someIdentity, wanted);
    await node.time.advance(200_000);
    node.reading = refuses("LK0030");
    const { failures } = await node.fetch({ ...someIdentity, proved: false }, wanted);
    expect(failures.map((error) => error.describe())).toEqual([
      "LK0030 the secret, vault db as shop/payments: says the store. Next source: LK0030 vault db as shop/payments: says the store",
    ]);
  });
});

/** An error of the first source in one line. */
function said(id: ErrorId): string {
  return `${id} first: ${id} said. Fix: mend first`;
}
