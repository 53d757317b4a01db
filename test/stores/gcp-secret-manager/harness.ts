import type { StoreHarness } from "../contract.ts";
import { startHarness } from "../gcp/harness.ts";

/** Two secrets in Secret Manager, one of them with its version. */
export function start(): Promise<StoreHarness> {
  return startHarness({
    fill: (gcp) => {
      gcp.addSecret("shop-one", "CANARY-gcp-1");
      gcp.addSecret("shop-two", "CANARY-gcp-2\u0000é");
      gcp.addSecret("other-shop-three", "CANARY-gcp-4");
    },
    rotate: (gcp, value) => gcp.addSecret("shop-one", value),
    refs: [{ name: "shop-one" }, { name: "projects/shop-prod/secrets/shop-two", version: 1 }],
    search: { query: { prefix: "shop-" }, names: ["shop-one", "shop-two"], nothing: { prefix: "nowhere-" } },
    absent: { name: "shop-nowhere" },
    path: "projects/shop-prod/secrets/shop-one/versions/latest:access",
  });
}
