import type { KeyServiceDefinition } from "../definition.ts";
import type { Store } from "../store.ts";
import { vault } from "./definition.ts";

/** The transit engine of a Vault or OpenBao server, which unwraps keys. */
export const vaultTransit: KeyServiceDefinition<Store> = {
  kind: "vault-transit",
  family: vault.family,
  mostAtOnce: () => 1,
  wrapping: {
    scheme: "transit",
    form: "transit:MOUNT/KEY",
    settings: (_, { role, address, caFile }) => ({ address, role, ...(caFile === undefined ? {} : { caFile }) }),
    ref: (key, part) => {
      const at = key.lastIndexOf("/");
      return { mount: key.slice(0, Math.max(0, at)), key: key.slice(at + 1), ...part };
    },
  },
  load: async (store) => (await import("./transit.ts")).createTransitService(store),
};
