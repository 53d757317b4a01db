import { afterEach, describe, expect, it } from "vitest";
import { kv, startTenants, type Tenants, watched } from "./tenants.ts";

let tenants: Tenants | undefined;

afterEach(async () => {
  await tenants?.stop();
  tenants = undefined;
});

function times<T>(count: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

describe("a tenant beside one that", () => {
  it("mounts large volumes from a store that hangs is served from the cache before any of them ends", async () => {
    let hangs = false;
    const large = "x".repeat(300_000);
    const flags = { maxInflightBytes: "1MiB", refresh: "1h", mountTimeout: "4s" };
    tenants = await startTenants(
      ({ path }) => (path.includes("/flood/") ? (hangs ? "hang" : kv(large)) : kv("value")),
      flags,
    );
    const { mount, reads } = tenants;
    await mount("shop", ["db"]);
    await mount("flood", ["big"]);
    hangs = true;
    // Other accounts: the plan and its size are known, the values are not.
    const flood = times(40, (at) => watched(mount("flood", ["big"], { serviceAccount: `a${at}` })));
    while (reads("flood").length < 2) await new Promise(setImmediate);
    for (const _ of times(5, () => 0)) expect(await watched(mount("shop", ["db"])).over).toBe("ok");
    expect(new Set(flood.map(({ state }) => state()))).toEqual(new Set(["waits"]));
    expect(await watched(mount("bank", ["first"])).over).toBe("ok");
    await Promise.all(flood.map(({ over }) => over));
  });
});
