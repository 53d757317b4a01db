import { describe, expect, it } from "vitest";
import { Denials } from "../../src/cache/denials.ts";
import { Ledger, type LedgerPart } from "../../src/cache/ledger.ts";
import { ProviderError } from "../../src/errors.ts";
import fc from "../property.ts";

interface Held {
  readonly namespace: string;
  readonly bytes: number;
}

/** A ledger with parts, and what each of them has by its own books. */
function start(mostBytes: number, count: number) {
  const ledger = new Ledger(mostBytes);
  const parts = Array.from({ length: count }, () => {
    const has = new Map<string, Held>();
    return { has, part: ledger.part((key) => has.delete(key)) };
  });
  const hold = (at: number, key: string, held: Held) => {
    const { has, part } = parts[at] as { has: Map<string, Held>; part: LedgerPart };
    has.set(key, held);
    part.hold(held.namespace, key, held.bytes);
  };
  const all = () => parts.flatMap(({ has }) => [...has.values()]);
  const bytesOf = (namespace?: string) =>
    all().reduce((sum, held) => sum + (namespace === undefined || held.namespace === namespace ? held.bytes : 0), 0);
  return { ledger, parts, hold, bytesOf };
}

const most = 10_000;
const namespaces = ["flood", "flood-2", "shop", "bank"];

describe("the account of what is held for namespaces", () => {
  it("agrees with every part and keeps its bound, by generated histories", () => {
    const step = fc.record({
      part: fc.nat(3),
      key: fc.nat(30).map(String),
      namespace: fc.constantFrom(...namespaces),
      bytes: fc.integer({ min: 1, max: 4_000 }),
      does: fc.constantFrom(...(["hold", "hold", "hold", "hold", "use", "release", "releaseAll"] as const)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { ledger, parts, hold, bytesOf } = start(most, 4);
        for (const { part: at, key, namespace, bytes, does } of steps) {
          const { has, part } = parts[at] ?? parts[0] ?? expect.fail();
          const deeds = {
            hold: () => hold(at, key, { namespace, bytes }),
            use: () => part.use(key),
            release: () => part.release(key) ?? has.delete(key),
            releaseAll: () => part.releaseAll() ?? has.clear(),
          };
          deeds[does]();
          expect(ledger.bytes).toBe(bytesOf());
          expect(ledger.bytes).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("leaves whoever holds no more than an equal part all of it, whatever others hold in whatever part, by generated floods", () => {
    const flood = fc.record({
      part: fc.nat(3),
      namespace: fc.constantFrom("flood", "flood-2"),
      bytes: fc.integer({ min: 1, max: 5_000 }),
    });
    fc.assert(
      fc.property(fc.array(flood, { minLength: 20, maxLength: 300 }), (floods) => {
        const { hold, bytesOf } = start(most, 4);
        // A quarter for each of four namespaces, in all parts.
        for (const namespace of ["shop", "bank"]) {
          for (let at = 0; at < 4; at += 1) hold(at, `${namespace} ${at}`, { namespace, bytes: most / 16 });
        }
        for (const [index, { part, namespace, bytes }] of floods.entries()) {
          hold(part, `${namespace} ${index}`, { namespace, bytes });
          expect([bytesOf("shop"), bytesOf("bank")]).toEqual([most / 4, most / 4]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("lets go of what a namespace used least lately, of any of its parts", () => {
    const { parts, hold } = start(30, 2);
    hold(0, "a", { namespace: "shop", bytes: 10 });
    hold(1, "b", { namespace: "shop", bytes: 10 });
    hold(0, "c", { namespace: "shop", bytes: 10 });
    parts[0]?.part.use("a");
    hold(1, "d", { namespace: "shop", bytes: 10 });
    expect(parts.map(({ has }) => [...has.keys()])).toEqual([["a", "c"], ["d"]]);
  });

  it("does not keep what is more than all may have", () => {
    const { ledger, parts, hold } = start(30, 1);
    hold(0, "a", { namespace: "shop", bytes: 10 });
    hold(0, "b", { namespace: "flood", bytes: 31 });
    expect([...(parts[0]?.has.keys() ?? [])]).toEqual(["a"]);
    expect(ledger.bytes).toBe(10);
  });
});

describe("remembered denials", () => {
  it("of one namespace do not push out another's", () => {
    const denials = new Denials(new Ledger(64 * 1024));
    const denied = (text: string) => ({ error: new ProviderError("LK0033", text), until: 10 });
    denials.set("shop", "shop", denied("no"));
    for (let key = 0; key < 1_000; key += 1) denials.set("flood", `${key}`, denied("x".repeat(500)));
    expect(() => denials.throwIfRemembered("shop", 1)).toThrow("no");
    expect(() => denials.throwIfRemembered("0", 1)).not.toThrow();
  });
});
