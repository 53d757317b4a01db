import { describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { unclearPath } from "../../src/formats/plain-path.ts";
import { createStores, storeKinds } from "../../src/stores/index.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";

const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 1 });

/** Vault's paths may be written with and without their version and outer slashes. */
const bare = (text: string) => text.replace(/^\/?(v1\/)?/, "").replace(/\/$/, "");

const unclear = [
  ...["team/../bank/x", "../bank/x", "team/./x", "team//x", "team/%2e%2e/bank/x", "team%2Fx", "team\\..\\bank"],
  ...["team/\0x", "team/x\n", "team/..;/bank/x", "team/x\u0085", "team/\ud800x", "team/%00/x"],
];

describe.each([...storeKinds])("the store %s", (kind) => {
  test.each(unclear)("refuses a name and a search that a server could read in another way: %j", async (name) => {
    const store = await stores.load(kind);
    expect(store.ref.safeParse({ name }).success).toBe(false);
    expect(store.search.query.safeParse({ prefix: name }).success).toBe(false);
  });

  test("says what it will ask for as it was written", async () => {
    const store = await stores.load(kind);
    const part = fc.string({
      unit: fc.constantFrom("a", "/", ".", "..", "%", "2e", "\\", ";", "é", "\0", "v1"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(part, (name) => {
        const read = store.ref.safeParse({ name });
        if (!read.success) return;
        expect(unclearPath(name)).toBeUndefined();
        const said = store.reach?.(read.data) ?? store.nameOf(read.data);
        expect(bare(said)).toBe(bare(name));
      }),
      { numRuns: scaled(5_000) },
    );
  });
});
