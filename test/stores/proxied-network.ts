import type { FaultyProxy } from "../servers/proxy.ts";
import type { StoreHarness } from "./contract.ts";

/** The network of a store behind a proxy. */
export function proxiedNetwork(proxy: FaultyProxy): NonNullable<StoreHarness["network"]> {
  return {
    hang: () => proxy.inject({ kind: "hang" }),
    refuse: proxy.refuse,
    heal: async () => {
      proxy.clearFaults();
      await proxy.accept();
    },
  };
}
