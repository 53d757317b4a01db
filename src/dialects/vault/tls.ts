import { posix } from "node:path";
import { keyOf } from "../../cache/keys.ts";
import { parseGoBool } from "../../config/go-bool.ts";
import { leftOut, readBundle } from "../../http/pem.ts";
import type { PlanWarning } from "../../plan/plan.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { VaultTls } from "../../stores/vault/types.ts";
import type { DialectInput, OperatorDefaults } from "../dialect.ts";
import { type Flavour, type Parameter, parameterOf } from "./flavour.ts";
import type { OperatorVault } from "./operator.ts";

/** The input for combining the TLS settings of a SecretProviderClass with the operator's. */
interface TlsRequest {
  readonly flavour: Flavour;
  readonly input: DialectInput<OperatorVault>;
  /** Whether the operator's client certificate may be shown: to the operator's addresses, and never to log in with. */
  readonly showOperator: boolean;
  readonly logsInByCert: boolean;
  readonly problems: Problems;
  readonly warnings: PlanWarning[];
}

/**
 * TLS as today's provider layers it: the CAs of a SecretProviderClass replace the operator's, so does its client
 * certificate; switching verification off holds wherever it is said. The operator's client certificate is for the
 * operator's addresses only. Inline CAs (`ca`) and the server's name are still to be checked by the store's schema.
 */
export function readTls(request: TlsRequest): VaultTls {
  const { flavour, input, showOperator, problems, warnings } = request;
  const operator = input.own.tls;
  const parameter = (suffix: string) => parameterOf(flavour, input.parameters, suffix);
  const file = (suffix: string) => readPath(parameter(suffix), input.operator, problems);
  const own = {
    caFile: file("CACertPath"),
    ca: parameter("CACert").text || undefined,
    caDirectory: file("CADirectory"),
  };
  warnings.push(...warningsOf(parameter("CACert")));
  const hasOwn = Object.values(own).some((value) => value !== undefined);
  const pair = { clientCertFile: file("TLSClientCertPath"), clientKeyFile: file("TLSClientKeyPath") };
  const hasPair = checkPair(parameter("TLSClientCertPath"), parameter("TLSClientKeyPath"), problems);
  // A login by certificate has been refused its files already.
  if (hasPair && !request.logsInByCert) checkPlace(parameter("TLSClientCertPath"), input.operator, problems);
  const skip = parameter("SkipTLSVerify");
  const skipVerify = parseGoBool(skip.text) === true;
  if (skipVerify) {
    const text = `${skip.name}: the server's certificate is not checked; name its CA instead`;
    warnings.push({ text, about: "tls", at: { parameter: skip.name } });
  }
  const trust = present({
    ...strongest(flavour, hasOwn ? own : operator),
    serverName: parameter("TLSServerName").text || operator.serverName,
    ...(skipVerify || operator.skipVerify === true ? { skipVerify: true as const } : {}),
  });
  const shows = showOperator && !changesTrust(request, trust);
  if (!hasPair && !shows && operator.clientCertFile !== undefined) {
    const text =
      "the operator's client certificate is not used: it is only for the operator's own addresses, checked as the operator says, and never for a login";
    warnings.push({ text, about: "other" });
  }
  return present({ ...trust, ...(hasPair ? pair : shows ? clientPair(operator) : {}) });
}

function warningsOf({ name, text }: Parameter): readonly PlanWarning[] {
  const told = leftOut(readBundle(text));
  return told === undefined ? [] : [{ text: `${name}: ${told}`, about: "tls", at: { parameter: name } }];
}

/**
 * Whether a SecretProviderClass has a server believed that the operator's words would not: another CA, another name, or
 * none at all.
 */
export function changesTrust({ flavour, input }: Pick<TlsRequest, "flavour" | "input">, tls: VaultTls): boolean {
  const operator = input.own.tls;
  return keyOf(trustOf(flavour, operator)) !== keyOf(trustOf(flavour, tls));
}

function trustOf(flavour: Flavour, tls: VaultTls): VaultTls {
  return present({ ...strongest(flavour, tls), serverName: tls.serverName, skipVerify: tls.skipVerify });
}

/** Of one layer Vault's client takes the file, else the text, else the directory; OpenBao's takes them all together. */
function strongest({ name }: Flavour, { caFile, ca, caDirectory }: VaultTls): VaultTls {
  if (name === "openbao") return { caFile, ca, caDirectory };
  if (caFile !== undefined) return { caFile };
  return ca === undefined ? { caDirectory } : { ca };
}

function clientPair({ clientCertFile, clientKeyFile }: VaultTls): VaultTls {
  return { clientCertFile, clientKeyFile };
}

function checkPair(cert: Parameter, key: Parameter, problems: Problems): boolean {
  const [hasCert, hasKey] = [cert.text !== "", key.text !== ""];
  if (hasCert !== hasKey) {
    const missing = hasCert ? key.name : cert.name;
    problems.add("LK0003", missing, "both client cert and client key must be provided", `set ${missing} too`);
  }
  return hasCert && hasKey;
}

/** A path of Latchkey's own file system. Today's provider runs in `/`, so that is where relative ones start. */
function readPath(
  { name, text }: Parameter,
  { tlsDir, ownFiles = [] }: OperatorDefaults,
  problems: Problems,
): string | undefined {
  if (text === "") return undefined;
  if (/\p{Cc}/u.test(text) || text.length > 4096) {
    problems.add("LK0003", name, "is not the path of a file", "write an absolute path of Latchkey's own file system");
    return undefined;
  }
  const path = posix.resolve("/", text);
  if (ownFiles.includes(path)) {
    const fix = "name a file that the operator put there for SecretProviderClasses";
    problems.add("LK0003", name, `${quoted(text)} is a credential of Latchkey's own`, fix);
    return undefined;
  }
  if (tlsDir === undefined || path.startsWith(`${tlsDir}/`)) return path;
  const fix = "have the operator put the file there, or give the CA as text in vaultCACert";
  problems.add("LK0003", name, `${quoted(text)} is outside ${tlsDir}, where --tls-dir requires such files`, fix);
  return undefined;
}

/** Whoever could name any client certificate would be believed as its owner, so the operator says where they lie. */
function checkPlace(cert: Parameter, { tlsDir }: OperatorDefaults, problems: Problems): void {
  if (tlsDir !== undefined) return;
  const fix = "have the operator set --tls-dir to the directory with the client certificates of SecretProviderClasses";
  problems.add("LK0003", cert.name, "a SecretProviderClass may name client certificates below --tls-dir only", fix);
}

/** Without what is undefined, so that equal settings are equal values. */
function present(tls: VaultTls): VaultTls {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
