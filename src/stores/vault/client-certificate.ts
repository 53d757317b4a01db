import type { HttpClient } from "../../http/client.ts";
import type { ClientPair } from "../../http/pem.ts";
import type { TlsSettings } from "../../http/trust.ts";
import type { ChooseHttp, VaultCall } from "./client.ts";
import type { VaultHost } from "./host.ts";
import { readsOnly, type VaultSettings } from "./types.ts";

/** Everything that connections to a list of servers are made with. */
interface WayOptions {
  /** The operator's word on these servers. */
  readonly said: VaultHost | undefined;
  /** A client certificate that the pod brought, to log in with. */
  readonly own: ClientPair | undefined;
  readonly connect: (tls: TlsSettings) => HttpClient;
}

/**
 * The connections to a list of servers: with the operator's client certificate where it only proves that Latchkey may speak
 * to the server, and without it where a login could be made of it. A pod's own certificate is shown everywhere.
 */
export function createWays(
  settings: VaultSettings,
  { said, own, connect }: WayOptions,
): { readonly httpFor: ChooseHttp; close(): void } {
  const shown = connect(tlsOf(settings, own ?? operatorsPair(said, settings)));
  if (own !== undefined) return { httpFor: () => shown, close: () => shown.close() };
  const { clientCertFile: _cert, clientKeyFile: _key, ...trust } = settings.tls;
  let plain: HttpClient | undefined;
  return {
    httpFor: (call) => {
      if (!mayLogIn(call, settings)) return shown;
      plain ??= connect(tlsOf({ ...settings, tls: trust }, undefined));
      return plain;
    },
    close: () => {
      shown.close();
      plain?.close();
    },
  };
}

/**
 * Whether the server could take the connection's client certificate for a login that the operator did not mean. Every auth
 * method lies below `auth/`, in whichever namespace (https://developer.hashicorp.com/vault/docs/auth), and logs in by a
 * write; of which type the method is, its mount does not tell. EST enrols by certificate as well
 * (https://developer.hashicorp.com/vault/docs/secrets/pki/est). `auth/token/` is the server's own.
 */
function mayLogIn({ method, path, login }: VaultCall, { loginFrom }: VaultSettings): boolean {
  if (readsOnly(method) || path.startsWith("/v1/auth/token/")) return false;
  if (login === true) return loginFrom === "pod";
  return path.split("/").some((segment) => segment === "auth" || segment === "est" || segment === ".well-known");
}

/**
 * The operator's client certificate that is given as text, for operator addresses that are believed as the operator says.
 * Files of the settings count before it.
 */
function operatorsPair(said: VaultHost | undefined, settings: VaultSettings): ClientPair | undefined {
  const { addressFrom, auth, tls, trustFrom } = settings;
  const mayShow = addressFrom === "operator" && trustFrom !== "pod" && auth.method !== "cert";
  return mayShow && tls.clientCertFile === undefined ? said?.client : undefined;
}

function tlsOf({ tls, flavour }: VaultSettings, client: ClientPair | undefined): TlsSettings {
  return { ...tls, caMode: flavour === "openbao" ? "add" : "replace", client };
}
