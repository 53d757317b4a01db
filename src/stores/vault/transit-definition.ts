import type { KeyServiceDefinition } from "../definition.ts";
import type { Store } from "../store.ts";
import { vault } from "./definition.ts";

/** The transit engine of a Vault or OpenBao server, which unwraps keys. */
export const vaultTransit: KeyServiceDefinition<Store> = {
  kind: "vault-transit",
  family: vault.family,
  mostAtOnce: () => 1,
  load: async (store) => (await import("./transit.ts")).createTransitService(store),
};
