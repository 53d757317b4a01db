import type { StoreHarness } from "../contract.ts";
import { startHarness } from "../gcp/harness.ts";

/** Two parameters in Parameter Manager, one of them with its version: the other takes a call to learn the newest. */
export function start(): Promise<StoreHarness> {
  let version = 1;
  return startHarness({
    fill: (gcp) => {
      gcp.putParameter("shop-one", "v1", "CANARY-gcp-1");
      gcp.putParameter("shop-two", "first", "CANARY-gcp-2\u0000é");
    },
    rotate: (gcp, value) => {
      version += 1;
      gcp.putParameter("shop-one", `v${version}`, value);
    },
    refs: [{ name: "shop-one" }, { name: "shop-two", version: "first" }],
    search: { query: { prefix: "shop-" }, names: ["shop-one", "shop-two"], nothing: { prefix: "nowhere-" } },
    absent: { name: "shop-nowhere", version: "v1" },
    calls: 3,
    path: "projects/shop-prod/locations/global/parameters/shop-one/versions/v1:render",
  });
}
