import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf, type OptionValues, options } from "../config/options.ts";
import type { Warn } from "../http/pem.ts";
import type { TlsSettings } from "../http/trust.ts";
import type { StoreKind, Stores } from "../stores/store.ts";
import { checkTls } from "./check-tls.ts";
import { vaultHost } from "./vault-servers.ts";

/** A flag that becomes a field of a store's settings where a SecretProviderClass says nothing. */
type JudgedFlag = readonly [flag: keyof OptionValues, kind: StoreKind, field: string];

const servers = ["vault", "openbao"] as const;

const judged: readonly JudgedFlag[] = [
  ...servers.flatMap((server): readonly JudgedFlag[] => [
    [`${server}Addr`, "vault", "address"],
    [`${server}AgentAddr`, "vault", "address"],
    [`${server}Mount`, "vault", "mount"],
    [`${server}Namespace`, "vault", "namespace"],
    [`${server}TlsServerName`, "vault", "tlsServerName"],
  ]),
  ["awsRegion", "aws-secrets-manager", "region"],
];

/** Checks what flags say of stores by the stores' own schemas, so that a wrong word stops the start. Throws `ConfigError`. */
export async function checkStoreFlags(config: Config, stores: Stores, warn: Warn): Promise<void> {
  for (const flag of judged) {
    // A store is loaded only where somebody set something.
    if (config[flag[0]] !== options[flag[0]].fallback) await checkFlag(config, flag, stores);
  }
  for (const server of servers) await checkTlsFlags(config, server, warn);
}

/** The other fields of the settings are missing here; only problems of this one count. */
async function checkFlag(config: Config, [flag, kind, field]: JudgedFlag, stores: Stores): Promise<void> {
  const { readShape } = await import("../dialects/read-shape.ts");
  const shape = readShape((await stores.load(kind)).settings("operator"), { [field]: config[flag] });
  const problem = "problems" in shape ? shape.problems.find(({ path }) => path[0] === field) : undefined;
  if (problem === undefined) return;
  throw new ConfigError(
    `${flagOf(flag)}: ${JSON.stringify(config[flag])} ${problem.message}${problem.fix === undefined ? "" : ` (${problem.fix})`}`,
  );
}

/** Everything that was given is read, also what another file would stand for. */
async function checkTlsFlags(config: Config, server: (typeof servers)[number], warn: Warn): Promise<void> {
  const caMode = server === "openbao" ? "add" : "replace";
  const clientCertFile = config[`${server}TlsClientCert`];
  const clientKeyFile = config[`${server}TlsClientKey`];
  const { client } = vaultHost(config, server);
  const checked: readonly (readonly [flag: keyof OptionValues, settings: TlsSettings])[] = [
    [`${server}TlsCaCert`, { caFile: config[`${server}TlsCaCert`] }],
    [`${server}TlsCaPem`, { ca: config[`${server}TlsCaPem`] }],
    [`${server}TlsCaDirectory`, { caDirectory: config[`${server}TlsCaDirectory`], caMode }],
    [`${server}TlsClientCert`, { clientCertFile, clientKeyFile }],
    [`${server}TlsClientCertPem`, { client }],
  ];
  for (const [flag, settings] of checked) {
    if (config[flag] !== undefined) await checkTls(settings, flagOf(flag), warn);
  }
}
