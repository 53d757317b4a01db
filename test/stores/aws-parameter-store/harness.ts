import { startAws } from "../aws/moto-harness.ts";
import type { StoreHarness } from "../contract.ts";

/** Two parameters in moto, one of them a SecureString. */
export function start(): Promise<StoreHarness> {
  return startAws({
    fill: async (moto, region) => {
      await moto.putParameter(region, "/shop/one", "CANARY-aws-1");
      await moto.putParameter(region, "/shop/two", "CANARY-aws-2\u0000é", "SecureString");
    },
    rotate: (moto, region, value) => moto.putParameter(region, "/shop/one", value),
    refs: [{ name: "/shop/one" }, { name: "/shop/two", version: 1 }],
    search: { query: { prefix: "/shop/" }, names: ["/shop/one", "/shop/two"], nothing: { prefix: "/nowhere/" } },
    absent: { name: "/shop/nowhere" },
    together: true,
  });
}
