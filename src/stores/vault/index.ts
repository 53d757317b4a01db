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
    endpoint: ({ addresses, addressFrom, namespace, tls }) => JSON.stringify([addresses, addressFrom, namespace, tls]),
    audience: ({ auth }) => ({ name: auth.audience, chosen: auth.audienceChosen }),
    scope: () => "serviceAccount",
    effect: ({ method }) => (reading.has(method) ? "read" : "issue"),
    needs: () => [],
    open: async (request): Promise<Session<VaultRef>> => {
      const [first, ...others] = request.settings.addresses;
      const addresses = [checkedAddress(host, request.settings, first)] as const;
      const settings = { ...request.settings, addresses: [...addresses, ...others] as const };
      return openVaultSession(await pools.clientFor(settings), { ...request, settings }, host.concurrency);
    },
    shutdown: async () => pools.close(),
  };
}

/** Methods that change nothing: what they answer may be shared, and asked for again. */
const reading: ReadonlySet<string> = new Set(["GET", "LIST", "HEAD"]);

/** Dialects pass addresses as they were written; a Unix socket that is refused says so before that it is not supported. */
function checkedAddress(host: StoreHost, { addressFrom }: VaultSettings, address: string): string {
  if (addressFrom === "pod" && address.startsWith("unix:")) host.addresses.checkHost(address);
  return parseVaultAddress(address);
}
