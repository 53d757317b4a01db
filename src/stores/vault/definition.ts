import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../config/config-error.ts";
import { flagOf } from "../../config/options.ts";
import { valuesOf } from "../../config/values-of.ts";
import type { JudgedOption, NamedTls, StoreDefinition, StoreFamily } from "../definition.ts";
import type { Store } from "../store.ts";
import { type VaultHosts, vaultHosts } from "./host.ts";
import { serverOptions } from "./options.ts";
import { type VaultFlavour, vaultFlavours } from "./types.ts";
import { vaultWords } from "./words.ts";

const fields = [
  ["Addr", "address"],
  ["AgentAddr", "address"],
  ["Mount", "mount"],
  ["Namespace", "namespace"],
  ["TlsServerName", "tlsServerName"],
] as const;

const family: StoreFamily<Store, VaultHosts> = {
  name: "vault",
  options: Object.assign({}, ...vaultFlavours.map((server) => serverOptions(server))),
  judged: vaultFlavours.flatMap((server): readonly JudgedOption[] =>
    fields.map(([end, field]) => ({ option: `${server}${end}`, kind: "vault", field })),
  ),
  check: (config) => vaultFlavours.forEach((server) => void checkPairs(config, server)),
  tls: (config) => vaultFlavours.flatMap((server) => tlsOf(config, server)),
  unchecked: (config) => vaultFlavours.flatMap((server) => uncheckedBy(config, server)),
  ownFiles: (config) =>
    vaultFlavours.flatMap((server) => {
      const given = valuesOf(serverOptions(server), config);
      return [given[`${server}TlsClientCert`], given[`${server}TlsClientKey`]];
    }),
  host: vaultHosts,
  open: async (host, own) => (await import("./index.ts")).createVaultStore(host, own),
};

/** Vault and OpenBao servers. */
export const vault = {
  kind: "vault",
  family,
  words: vaultWords,
  mostAtOnce: () => 1,
  toNative: async () => (await import("./to-native.ts")).vaultToNative,
  load: async (store) => store,
} as const satisfies StoreDefinition<Store>;

function checkPairs(config: Config, server: VaultFlavour): void {
  const given: Readonly<Record<string, unknown>> = valuesOf(serverOptions(server), config);
  for (const end of ["", "Pem"]) {
    const [cert, key] = [`${server}TlsClientCert${end}`, `${server}TlsClientKey${end}`];
    if ((given[cert] === undefined) === (given[key] === undefined)) continue;
    throw new ConfigError(`${flagOf(cert)} and ${flagOf(key)}: both client cert and client key must be provided`);
  }
}

/** Everything that was given, also what another file would stand for. */
function tlsOf(config: Config, server: VaultFlavour): readonly NamedTls[] {
  const given = valuesOf(serverOptions(server), config);
  const caMode = server === "openbao" ? "add" : "replace";
  const clientCertFile = given[`${server}TlsClientCert`];
  const clientKeyFile = given[`${server}TlsClientKey`];
  const { client } = vaultHosts(config)[server] ?? {};
  const named: readonly NamedTls[] = [
    { option: `${server}TlsCaCert`, settings: { caFile: given[`${server}TlsCaCert`] } },
    { option: `${server}TlsCaPem`, settings: { ca: given[`${server}TlsCaPem`] } },
    { option: `${server}TlsCaDirectory`, settings: { caDirectory: given[`${server}TlsCaDirectory`], caMode } },
    { option: `${server}TlsClientCert`, settings: { clientCertFile, clientKeyFile } },
    { option: `${server}TlsClientCertPem`, settings: { client } },
  ];
  return named.filter(({ option }) => given[option as keyof typeof given] !== undefined);
}

function uncheckedBy(config: Config, server: VaultFlavour): readonly string[] {
  const skips = valuesOf(serverOptions(server), config)[`${server}TlsSkipVerify`];
  return skips && config.providers.includes(server) ? [flagOf(`${server}TlsSkipVerify`)] : [];
}
