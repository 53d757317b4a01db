import { hash } from "node:crypto";
import type { NativeFields, NativeStore, ToNative } from "../to-native.ts";
import type { VaultRef, VaultSettings } from "./types.ts";

/** How settings and refs of Vault and OpenBao are written in the native dialect. */
export const vaultToNative: ToNative<VaultSettings, VaultRef> = { store: nativeStore, ref: nativeRef };

/**
 * Returns the settings, or a profile if they reach into Latchkey's own file system or trust any server: only the
 * operator may set that, and profiles have fields for it.
 */
function nativeStore({ addresses, flavour, namespace, tls, auth }: VaultSettings): NativeStore {
  const { ca, serverName, caFile, caDirectory, clientCertFile, clientKeyFile, skipVerify } = tls;
  const fields = {
    kind: "vault",
    flavour: flavour === "vault" ? undefined : flavour,
    address: addresses.length === 1 ? addresses[0] : addresses,
    ...authFields(auth),
    namespace,
    ca,
    tlsServerName: serverName,
  };
  const operators = { caFile, caDirectory, clientCertFile, clientKeyFile, skipTlsVerify: skipVerify };
  const said = Object.entries(operators).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (said.length === 0) return { fields, notes: [] };
  const profile = JSON.stringify({ ...fields, ...operators });
  const name = profileName(flavour, auth, profile);
  const note = `${said.join(", ")}: only an operator's profile may say this; ask for it in the file of --config: \`profiles: { ${name}: ${profile} }\``;
  return { fields: { profile: name }, notes: [note] };
}

/** One name for equal settings, and another for others: classes are converted one by one, and the operator has one file. */
function profileName(flavour: string, auth: VaultSettings["auth"], settings: string): string {
  const who = ("role" in auth ? auth.role : undefined) ?? auth.method;
  const word =
    who
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || auth.method;
  return `${flavour}-${word.slice(0, 40)}-${hash("sha256", settings, "hex").slice(0, 6)}`;
}

/** `jwt` and the mount `kubernetes` are what holds where nothing is said. */
function authFields(auth: VaultSettings["auth"]): NativeFields {
  const usual = auth.method === "jwt" ? "kubernetes" : auth.method;
  const mount = auth.mount === usual ? undefined : auth.mount;
  if (auth.method === "approle") return { auth: "approle", mount };
  if (auth.method === "cert") return { auth: "cert", role: auth.role, mount };
  return { role: auth.role, mount, audience: auth.audienceChosen ? auth.audience : undefined };
}

/** `v1/` in front of a path is only its version where another one follows. */
function nativeRef({ method, path, query, body, namespace }: VaultRef): NativeFields {
  const short = path.slice("/v1/".length);
  const name = short.startsWith("v1/") ? path : short;
  return {
    name: query === "" ? name : `${name}?${query}`,
    method: method === "GET" ? undefined : method,
    args: body === undefined ? undefined : JSON.parse(body),
    namespace,
  };
}
