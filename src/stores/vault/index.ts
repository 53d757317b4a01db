import type { Session, Store, StoreHost } from "../store.ts";
import { parseVaultAddress } from "./address.ts";
import { VaultPools } from "./pools.ts";
import { nameOfVaultRef, vaultRef } from "./ref.ts";
import { openVaultSession } from "./session.ts";
import { vaultSettings } from "./settings.ts";
import type { VaultRef, VaultSettings } from "./types.ts";

/** Vault and OpenBao, by the Kubernetes or JWT auth method. */
export function createVaultStore(host: StoreHost): Store<VaultSettings, VaultRef> {
  const pools = new VaultPools(host);
  return {
    kind: "vault",
    settings: vaultSettings,
    ref: vaultRef,
    nameOf: nameOfVaultRef,
    local: false,
    endpoint: ({ address, addressFrom, namespace, caFile, ca, tlsServerName }) =>
      JSON.stringify([address, addressFrom, namespace, caFile, ca, tlsServerName]),
    audience: (settings) => settings.audience,
    needs: () => [],
    open: async (request): Promise<Session<VaultRef>> => {
      const settings = { ...request.settings, address: checkedAddress(host, request.settings) };
      return openVaultSession(await pools.clientFor(settings), { ...request, settings }, host.concurrency);
    },
    shutdown: async () => pools.close(),
  };
}

/** Dialects pass addresses as they were written; a Unix socket that is refused says so before that it is not supported. */
function checkedAddress(host: StoreHost, { address, addressFrom }: VaultSettings): string {
  if (addressFrom === "pod" && address.startsWith("unix:")) host.addresses.checkHost(address);
  return parseVaultAddress(address);
}
