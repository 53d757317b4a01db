import { startAws } from "../aws/moto-harness.ts";
import type { StoreHarness } from "../contract.ts";

/** Two secrets in moto, one of them binary. */
export function start(): Promise<StoreHarness> {
  return startAws({
    fill: async (moto, region) => {
      await moto.createSecret(region, "shop/one", "CANARY-aws-1");
      await moto.createSecret(region, "shop/two", new TextEncoder().encode("CANARY-aws-2\u0000é"));
    },
    rotate: (moto, region, value) => moto.putSecret(region, "shop/one", value),
    refs: [{ name: "shop/one" }, { name: "shop/two", versionStage: "AWSCURRENT" }],
    search: { query: { prefix: "shop/" }, names: ["shop/one", "shop/two"], nothing: { prefix: "nowhere/" } },
    absent: { name: "shop/nowhere" },
  });
}
