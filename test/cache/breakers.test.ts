import { describe, expect, it } from "vitest";
import { Breakers, type Miss } from "../../src/cache/breakers.ts";
import { VirtualTime } from "./virtual-time.ts";

const start = () => new Breakers(new VirtualTime(), () => 0);

function states(misses: readonly (readonly [namespace: string, where: Miss])[]) {
  const breakers = start();
  for (const [namespace, where] of misses) breakers.failed(namespace, where);
  return [breakers.for("a").state, breakers.for("b").state, breakers.for("victim").state, breakers.worst];
}

describe("the breakers of an endpoint", () => {
  const times = (count: number, miss: readonly [string, Miss]) => Array(count).fill(miss);

  it("hold nobody else back for what one namespace alone sees, however often", () => {
    expect(states(times(3, ["a", "answer"]))).toEqual(["open", "closed", "closed", "open"]);
    expect(states(times(1_000, ["a", "answer"]))).toEqual(["open", "closed", "closed", "open"]);
  });

  it("hold everybody back for what two namespaces see, and for a store that is not there", () => {
    const both = [...times(3, ["a", "answer"]), ...times(3, ["b", "answer"])];
    expect(states(both)).toEqual(["open", "open", "open", "open"]);
    expect(states(times(3, ["a", "connection"]))).toEqual(["open", "open", "open", "open"]);
  });

  it("close for everybody with one answer", () => {
    const breakers = start();
    for (const namespace of ["a", "a", "a", "b", "b", "b"]) breakers.failed(namespace, "answer");
    breakers.succeeded();
    expect([breakers.for("a").state, breakers.worst]).toEqual(["closed", "closed"]);
  });

  it("count as slow for those who have failed too", () => {
    const breakers = start();
    breakers.failed("a", "answer");
    breakers.delayed();
    breakers.failed("b", "answer");
    expect(["a", "b", "c"].map((namespace) => breakers.for(namespace).state)).toEqual(["slow", "slow", "slow"]);
  });
});
