import { hash } from "node:crypto";
import { resolveSrv } from "node:dns/promises";
import type { StoreHost } from "../host.ts";
import type { Session, Store } from "../store.ts";
import { parseVaultAddress, serverOf } from "./address.ts";
import { bringsCredentials } from "./credentials.ts";
import type { VaultHosts } from "./host.ts";
import { VaultPools } from "./pools.ts";
import { vaultTogether } from "./previous.ts";
import { nameOfVaultRef, vaultRef } from "./ref.ts";
import { nameOfSearch, vaultSearch } from "./search.ts";
import { openVaultSession, resumeVaultSession } from "./session.ts";
import { vaultSettings } from "./settings.ts";
import { settingsRemarks } from "./settings-remarks.ts";
import type { ResolveSrv } from "./srv.ts";
import { isReading, type VaultRef, type VaultSearch, type VaultSettings } from "./types.ts";

/** Vault and OpenBao, by the Kubernetes, JWT, AppRole or TLS certificate auth method. */
export function createVaultStore(
  host: StoreHost,
  own: VaultHosts = {},
  srv: ResolveSrv = resolveSrv,
): Store<VaultSettings, VaultRef, VaultSearch> {
  const pools = new VaultPools(host, own, srv);
  return {
    kind: "vault",
    settings: vaultSettings,
    remarks: settingsRemarks,
    ref: vaultRef,
    search: vaultSearch,
    together: vaultTogether,
    nameOf: (ref) => ("prefix" in ref ? nameOfSearch(ref) : nameOfVaultRef(ref)),
    reach: (ref) =>
      ref.namespace === undefined
        ? undefined
        : `/${[ref.namespace, pathOf(ref)].filter((part) => part !== "").join("/")}`,
    isLocal: () => false,
    endpoint: ({ addresses, addressFrom, flavour, namespace, tls }) =>
      // A CA given as text is large, and endpoints are remembered.
      hash("sha256", JSON.stringify([addresses, addressFrom, flavour, namespace, tls]), "base64url"),
    servers: ({ addresses }) => addresses.map(serverOf),
    place: ({ addresses }) => addresses.join(", "),
    chosenAddresses: ({ addresses, addressFrom }) => (addressFrom === "pod" ? addresses : []),
    audience: ({ auth }) => (auth.method === "jwt" ? { name: auth.audience, chosen: auth.audienceChosen } : undefined),
    scope: () => "serviceAccount",
    effect: (ref) => (isReading(ref) ? "read" : "issue"),
    proof: (settings) => (bringsCredentials(settings) ? "credentials" : "token"),
    needs: () => [],
    open: async (request): Promise<Session<VaultRef, VaultSearch>> => {
      const settings = checked(host, request.settings);
      const client = await pools.clientFor(settings, request.identity);
      return openVaultSession(client, { ...request, settings }, host.concurrency);
    },
    resume: async (given, saved) => {
      const settings = checked(host, given);
      // No login that a pod's own certificate is part of is resumed.
      const client = await pools.clientFor(settings, undefined);
      return resumeVaultSession({ client, settings, concurrency: host.concurrency, saved });
    },
    shutdown: async () => pools.close(),
  };
}

function pathOf(ref: VaultRef | VaultSearch): string {
  return "prefix" in ref ? ref.prefix : nameOfVaultRef(ref);
}

function checked(host: StoreHost, settings: VaultSettings): VaultSettings {
  const [first, ...others] = settings.addresses.map((address) => checkedAddress(host, settings, address));
  return { ...settings, addresses: [first ?? "", ...others] as const };
}

/** Dialects pass addresses as they were written; a Unix socket that a pod author may not choose is refused before any call. */
function checkedAddress(host: StoreHost, { addressFrom }: VaultSettings, text: string): string {
  const address = parseVaultAddress(text);
  if (addressFrom === "pod" && address.startsWith("unix:")) host.addresses.checkHost(address);
  return address;
}
