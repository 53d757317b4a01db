import { forPlans, type Option, type OptionTable, option, optional } from "../../config/option.ts";
import { list, path, proxyUrl, text } from "../../config/values.ts";
import { goFlag, headers, pemKey, pemText, rateLimit, serverAddress, serverAddresses } from "./option-values.ts";
import type { VaultFlavour as Server } from "./types.ts";

/** `Addr` of `vault` is the option `vaultAddr`. */
type Prefixed<P extends Server, T> = { readonly [N in keyof T & string as `${P}${N}`]: T[N] };

/**
 * The settings of one dialect's servers. Flags have the names of today's provider; what today only the environment says
 * has a flag too. OpenBao's variables stand before Vault's, even where they are empty, as in its own client.
 */
export function serverOptions<P extends Server>(server: P): Prefixed<P, ReturnType<typeof optionsOf>> {
  const entries = Object.entries<Option>(optionsOf(server) satisfies OptionTable).map(([name, each]) => [
    `${server}${name}`,
    each,
  ]);
  return Object.fromEntries(entries) as Prefixed<P, ReturnType<typeof optionsOf>>;
}

/** The options of one server by the ends of their names. */
function optionsOf(server: Server) {
  const product = server === "vault" ? "Vault" : "OpenBao";
  const elsewhere = "if the SecretProviderClass names none";
  const also = <O extends Option>(each: O, ...names: readonly string[]): O => ({
    ...each,
    env: names.map((name) => (server === "vault" ? [`VAULT_${name}`] : [`BAO_${name}`, `VAULT_${name}`])),
    dialect: server,
  });
  // Vault's own client has no variable of the kind.
  const bytes = (name: string) => (server === "vault" ? [] : [[`BAO_${name}`]]);
  const ca = { group: `${server} CA` };
  // Vault's client takes one of three, OpenBao's all of them and the system's besides.
  const [noText, noFile] =
    server === "vault" ? [", if neither a file nor text is given", ", if no file is given"] : ["", ""];
  const client = { group: `${server} client certificate` };
  return {
    ...forPlans({
      Addr: also(
        optional(
          serverAddresses,
          `address of ${product} ${elsewhere}, or several of one cluster, in the order in which they are tried; default: https://127.0.0.1:8200, which needs --allow-address`,
        ),
        "ADDR",
      ),
      AgentAddr: also(
        optional(serverAddress, "address of an agent, which is used whatever address the SecretProviderClass names"),
        "AGENT_ADDR",
      ),
      Mount: option(text, "kubernetes", `mount of ${product}'s auth method ${elsewhere}`),
      Namespace: also(optional(text, `${product} namespace ${elsewhere}; default: the root namespace`), "NAMESPACE"),
      TlsCaCert: also(
        { ...optional(path, `PEM file with the CA of ${product}; default: the CAs of Node.js`), ...ca },
        "CACERT",
      ),
      TlsCaPem: also({ ...optional(pemText, `the CA of ${product} as text${noFile}`), ...ca }, "CACERT_BYTES"),
      TlsCaDirectory: also(
        { ...optional(path, `directory of PEM files with CAs of ${product}${noText}`), ...ca },
        "CAPATH",
      ),
      TlsServerName: also(
        optional(text, `name that ${product}'s certificate must have; default: the host of its address`),
        "TLS_SERVER_NAME",
      ),
      TlsClientCert: also(
        {
          ...optional(
            path,
            `PEM file with Latchkey's client certificate, for the operator's addresses of ${product} only`,
          ),
          ...client,
        },
        "CLIENT_CERT",
      ),
      TlsClientKey: also({ ...optional(path, "PEM file with the key of that certificate"), ...client }, "CLIENT_KEY"),
      TlsSkipVerify: also(
        {
          ...option(
            goFlag,
            false,
            `do not check ${product}'s certificate; anyone on the network path can then read secrets`,
          ),
          sticky: true,
        },
        "SKIP_VERIFY",
      ),
    }),
    TlsClientMounts: option(
      list(text),
      [],
      "auth mounts besides --" +
        server +
        "-mount to which Latchkey's client certificate may be sent; none of them may accept certificates for a login",
    ),
    TlsClientCertPem: {
      ...also({ ...optional(pemText, "the same certificate as text"), ...client }),
      env: bytes("CLIENT_CERT_BYTES"),
    },
    TlsClientKeyPem: {
      ...also({ ...optional(pemKey, "the key of the certificate given as text"), ...client, hidden: true }),
      env: bytes("CLIENT_KEY_BYTES"),
    },
    Headers: also(
      { ...optional(headers, `extra headers for the operator's addresses of ${product}`), hidden: true },
      "HEADERS",
    ),
    DisableRedirects: also(
      option(goFlag, false, `do not follow redirects of ${product}; otherwise one is followed`),
      "DISABLE_REDIRECTS",
    ),
    RateLimit: also(optional(rateLimit, `highest rate of requests to one ${product} server`), "RATE_LIMIT"),
    SrvLookup: also(
      option(goFlag, false, `look for the SRV record of an address of ${product} without a port`),
      "SRV_LOOKUP",
    ),
    Proxy: also(
      {
        ...optional(proxyUrl, `proxy for every request to ${product}, whatever --http-proxy and --https-proxy say`),
        hidden: true,
      },
      "PROXY_ADDR",
      "HTTP_PROXY",
    ),
  } as const;
}
