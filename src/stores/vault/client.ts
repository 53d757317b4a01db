import type { HttpClient } from "../../http/client.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { socketPathOf } from "./address.ts";
import { encodePath } from "./api-path.ts";

/** One call to a Vault server. */
export interface VaultCall {
  readonly method: string;
  /** Unescaped, starts with `/v1/`. */
  readonly path: string;
  readonly query?: string | undefined;
  readonly namespace?: string | undefined;
  readonly token?: string | undefined;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** True where a second arrival does no harm. */
  readonly resend: boolean;
  /** The session's own login, and not a request that a pod author wrote. */
  readonly login?: true | undefined;
  readonly onSend: () => void;
  /** Called when the call can have arrived. */
  readonly onReach?: (() => void) | undefined;
}

/** The extras that go with every call to a server. */
export interface CallExtras {
  /** Headers by lower-case name; those of the call itself win. */
  readonly headers: Readonly<Record<string, string>>;
  readonly followRedirects: boolean;
}

/** Sends calls to one server and gives the raw answers. */
export type VaultClient = (call: VaultCall) => Promise<HttpAnswer>;

/** The options that node-vault hands to its transport: its own fields, and those that we put in. */
interface TransportOptions {
  readonly uri: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly call: VaultCall;
}

/** Which connections a call goes over. */
export type ChooseHttp = (call: VaultCall) => HttpClient;

/**
 * A client on node-vault's request path, with everything that it takes from the environment overridden
 * (docs/decisions/0004-node-vault.md). `address` as in `VaultSettings`. Throws nothing but what the connections throw.
 */
export async function createVaultClient(
  address: string,
  httpFor: ChooseHttp,
  extras: CallExtras,
): Promise<VaultClient> {
  const { default: nodeVault } = await import("node-vault");
  const socketPath = socketPathOf(address);
  // Vault's own client calls the server behind a socket so.
  const { origin, pathname } = new URL(socketPath === undefined ? address : "http://localhost");
  const send = ({ uri, method, headers, call }: TransportOptions) => {
    const { signal, resend, body, onSend, onReach } = call;
    const path = uri.slice(origin.length);
    const where = { origin, socketPath, path, follow: extras.followRedirects };
    return httpFor(call).send({ ...where, method, headers, body, signal, resend, onSend, onReach });
  };
  const client = nodeVault({
    endpoint: `${origin}${pathname.replace(/\/+$/, "")}`,
    apiVersion: "v1",
    commands: {},
    debug: ignore,
    // Its schema asks for a path and a method, which the types here hold already.
    tv4: Object.assign(accept, { validate: accept }),
    "request-promise": { defaults: () => send },
  });
  // An empty value in its options makes node-vault read VAULT_TOKEN, VAULT_PREFIX and VAULT_NAMESPACE instead.
  Object.assign(client, {
    token: "",
    pathPrefix: "",
    namespace: "",
    handleVaultResponse: (answer: HttpAnswer) => answer,
  });
  return (call) => {
    const headers = { ...extras.headers, ...headersOf(call) };
    return client.request({ method: call.method, path: pathOf(call), headers, call }) as Promise<HttpAnswer>;
  };
}

function ignore(): undefined {
  return undefined;
}

function accept(): true {
  return true;
}

/** node-vault puts endpoint and API version in front. */
function pathOf({ path, query = "" }: VaultCall): string {
  return `${encodePath(path.slice("/v1".length))}${query === "" ? "" : `?${query}`}`;
}

function headersOf({ namespace = "", token = "" }: VaultCall): Record<string, string> {
  return {
    "x-vault-request": "true",
    ...(namespace === "" ? {} : { "x-vault-namespace": namespace }),
    ...(token === "" ? {} : { "x-vault-token": token }),
  };
}
