import { parseVaultAddress } from "../../stores/vault/address.ts";
import { vaultSettings } from "../../stores/vault/settings.ts";
import type { VaultSettings } from "../../stores/vault/types.ts";
import type { DialectInput } from "../dialect.ts";
import { parseGoBool } from "../go-bool.ts";
import { type Problems, quoted } from "../problems.ts";
import { readShape } from "../read-shape.ts";

const defaultAddress = "https://127.0.0.1:8200";
const mountKeys = ["vaultKubernetesMountPath", "vaultAuthMountPath"] as const;

/** Keys of today's provider that would change where or how Latchkey connects, so that passing over them is no option. */
const notYet: readonly string[] = [
  "vaultCACertPath",
  "vaultCADirectory",
  "vaultTLSClientCertPath",
  "vaultTLSClientKeyPath",
];

/** Notes what today's provider checks before it reads `objects`. */
export function checkConnection({ parameters }: DialectInput, problems: Problems): void {
  if (mountKeys.every((key) => parameters.has(key))) {
    const message = "vaultKubernetesMountPath and vaultAuthMountPath cannot both be set";
    problems.add("LK0003", "parameters", message, "keep vaultAuthMountPath");
  }
  const skip = parameters.get("vaultSkipTLSVerify");
  if (skip === undefined) return;
  const parsed = parseGoBool(skip);
  if (parsed === undefined)
    problems.add("LK0003", "vaultSkipTLSVerify", `${quoted(skip)} is not a boolean`, "write true or false");
  if (parsed === true)
    problems.add("LK0004", "vaultSkipTLSVerify", "switching TLS verification off is not supported", caFix);
}

const caFix = "have the operator start Latchkey with --vault-tls-ca-cert FILE";

/** Notes that there is no role: `readSettings` then gives nothing. */
export function checkRole({ parameters }: DialectInput, problems: Problems): void {
  if (parameters.get("roleName")) return;
  const message = "missing 'roleName' in SecretProviderClass definition";
  problems.add("LK0003", "roleName", message, "set it to the role of Vault's Kubernetes or JWT auth method");
}

/** How to reach and log in to the server; notes what is wrong or not supported. */
export function readSettings(input: DialectInput, problems: Problems): VaultSettings | undefined {
  const { parameters } = input;
  for (const key of notYet.filter((name) => (parameters.get(name) ?? "") !== "")) {
    problems.add("LK0004", key, `${key} is not supported yet`, caFix);
  }
  // Today's default is nobody's word: a pod author could choose loopback by leaving the address out.
  const author = parameters.get("vaultAddress") || !input.operator.vault.address ? "pod" : "operator";
  const address = problems.attempt("vaultAddress", () => parseVaultAddress(addressOf(input)));
  const role = parameters.get("roleName") ?? "";
  if (role === "" || address === undefined) return undefined;
  const shape = readShape(vaultSettings(author), { ...connection(input), address, role });
  if ("value" in shape) return { ...shape.value, tls: { ...shape.value.tls, caFile: input.operator.vault.caCert } };
  for (const { path, message } of shape.problems) {
    problems.add("LK0003", parameterNames.get(String(path[0])) ?? "parameters", message);
  }
  return undefined;
}

function addressOf({ parameters, operator }: DialectInput): string {
  return parameters.get("vaultAddress") || operator.vault.address || defaultAddress;
}

/** What is not set at any layer is left out, for the store's own defaults. */
function connection({ parameters, operator }: DialectInput) {
  const ownMount = mountKeys.map((key) => parameters.get(key)).find((path) => path);
  const namespace = parameters.get("vaultNamespace") || operator.vault.namespace;
  const audience = parameters.get("audience");
  const tlsServerName = parameters.get("vaultTLSServerName") || operator.vault.tlsServerName;
  return {
    // Go's path.Join makes one slash of several.
    mount: (ownMount ?? operator.vault.mount).replace(/\/+/g, "/"),
    ...(audience ? { audience } : {}),
    ...(namespace ? { namespace } : {}),
    ...(tlsServerName ? { tlsServerName } : {}),
  };
}

/** The parameters behind the store's settings. */
const parameterNames: ReadonlyMap<string, string> = new Map([
  ["address", "vaultAddress"],
  ["role", "roleName"],
  ["mount", "vaultAuthMountPath"],
  ["namespace", "vaultNamespace"],
  ["tlsServerName", "vaultTLSServerName"],
  ["audience", "audience"],
]);
