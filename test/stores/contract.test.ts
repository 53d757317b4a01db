import { storeKinds } from "../../src/stores/index.ts";
import { describeStoreContract, type StoreHarness } from "./contract.ts";

/** A store without a harness beside its tests fails here. */
for (const kind of storeKinds) {
  const { start } = (await import(`./${kind}/harness.ts`)) as { start: () => Promise<StoreHarness> };
  describeStoreContract(kind, start);
}
