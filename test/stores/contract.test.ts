import type { StoreKind } from "../../src/stores/index.ts";
import { storeKinds } from "../../src/stores/index.ts";
import { describeStoreContract, type StoreHarness } from "./contract.ts";

/** One line a store; a kind without a harness does not compile. */
const harnesses: Readonly<Record<StoreKind, () => Promise<{ start: () => Promise<StoreHarness> }>>> = {
  file: () => import("./file/harness.ts"),
  vault: () => import("./vault/harness.ts"),
  "aws-secrets-manager": () => import("./aws-secrets-manager/harness.ts"),
  "aws-parameter-store": () => import("./aws-parameter-store/harness.ts"),
  "gcp-secret-manager": () => import("./gcp-secret-manager/harness.ts"),
  "gcp-parameter-manager": () => import("./gcp-parameter-manager/harness.ts"),
  "azure-key-vault": () => import("./azure-key-vault/harness.ts"),
  "sealed-secrets": () => import("./sealed-secrets/harness.ts"),
  sops: () => import("./sops/harness.ts"),
};

for (const kind of storeKinds) {
  describeStoreContract(kind, async () => (await harnesses[kind]()).start());
}
