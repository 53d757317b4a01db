import { ProviderError } from "../../errors.ts";
import type { PlanWarning } from "../../plan/plan.ts";
import type { Problems } from "../../plan/problems.ts";
import { parseVaultAddress } from "../../stores/vault/address.ts";
import { vaultSettings } from "../../stores/vault/settings.ts";
import { settingsRemarks } from "../../stores/vault/settings-remarks.ts";
import type { VaultSettings } from "../../stores/vault/types.ts";
import type { DialectInput } from "../dialect.ts";
import { readShape } from "../read-shape.ts";
import { type AuthName, authOf, checkAuth, isByToken } from "./auth.ts";
import { mountParameters } from "./checks.ts";
import { type Flavour, parameterOf, roleOf } from "./flavour.ts";
import type { OperatorVault } from "./operator.ts";
import { changesTrust, readTls } from "./tls.ts";

const defaultAddress = "https://127.0.0.1:8200";

/** How to reach and log in to the server; notes what is wrong or not supported. */
export function readSettings(
  flavour: Flavour,
  input: DialectInput<OperatorVault>,
  problems: Problems,
  warnings: PlanWarning[],
): VaultSettings | undefined {
  const { parameters } = input;
  const auth = authOf(flavour, parameters);
  checkAuth(flavour, parameters, problems);
  const target = readTarget(flavour, input, problems);
  const addressFrom = target?.addressFrom ?? "pod";
  // Who logs in with a certificate must bring it.
  const showOperator = addressFrom === "operator" && auth !== "cert";
  const tls = readTls({ flavour, input, showOperator, logsInByCert: auth === "cert", problems, warnings });
  if (auth === undefined || target === undefined) return undefined;
  // Noted before, in its place in the order of checks.
  if (isByToken(auth) && roleOf(flavour, parameters).text === "") return undefined;
  const shape = readShape(vaultSettings(addressFrom), {
    ...{ flavour: flavour.name, address: target.addresses, auth, ...connectionOf(flavour, input, auth) },
    ...(tls.serverName === undefined ? {} : { tlsServerName: tls.serverName }),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  });
  if ("value" in shape) {
    for (const { field, text, fix } of settingsRemarks({ ...shape.value, tls })) {
      const parameter = parameterNameOf(flavour, parameters, field);
      warnings.push({ text: `${parameter}: ${fix}: ${text}`, about: "other", at: { parameter } });
    }
    return { ...shape.value, tls, ...(addressFrom === "operator" ? podWords(flavour, input, { auth, tls }) : {}) };
  }
  for (const { path, message, fix } of shape.problems) {
    problems.add("LK0003", parameterNameOf(flavour, parameters, String(path[0])), message, fix);
  }
  return undefined;
}

/** Where requests go, and whose word that is. */
type Target = Pick<VaultSettings, "addresses" | "addressFrom">;

/**
 * The agent's address beats every other one. An address of the SecretProviderClass is the pod author's, unless it is
 * among the operator's.
 */
function readTarget(flavour: Flavour, input: DialectInput<OperatorVault>, problems: Problems): Target | undefined {
  const { name, text } = parameterOf(flavour, input.parameters, "Address");
  return problems.attempt(name, (): Target => {
    const { addresses = [], agentAddress } = input.own;
    const operators = (agentAddress === undefined ? addresses : [agentAddress]).map(parseVaultAddress);
    const [first, ...rest] = operators;
    if (first !== undefined && (text === "" || agentAddress !== undefined)) {
      return { addresses: [first, ...rest], addressFrom: "operator" };
    }
    if (text === "" && input.operator.defaultAddress === "refused") throw noAddress(flavour, name);
    // Today's default is nobody's word: a pod author could choose loopback by leaving the address out.
    const [head = "", ...tail] = splitAddresses(text || defaultAddress).map(parseVaultAddress);
    const known = [head, ...tail].every((address) => operators.includes(address));
    return { addresses: [head, ...new Set(tail)], addressFrom: known ? "operator" : "pod" };
  });
}

function noAddress({ name }: Flavour, parameter: string): ProviderError {
  const message = "no address is known: neither the SecretProviderClass nor the operator names one";
  const fix = `set ${parameter}, or have the operator start Latchkey with --${name}-addr`;
  return new ProviderError("LK0020", message, { fix });
}

/** Several addresses stand behind commas. One in a path is part of its address, as today. */
function splitAddresses(text: string): readonly string[] {
  const list: string[] = [];
  for (const part of text.split(",")) {
    if (list.length === 0 || /^\s*(?:https?|unix):\/\//.test(part)) list.push(part);
    else list.push(`${list.pop()},${part}`);
  }
  return list.map((part) => part.trim());
}

/** Returns mount, role, audience and namespace, without those that no layer sets: the store has its own defaults. */
function connectionOf(flavour: Flavour, { parameters, own: operators }: DialectInput<OperatorVault>, auth: AuthName) {
  const byToken = isByToken(auth);
  const own = ownMount(flavour, parameters);
  // The operator's mount is that of today's methods.
  const mount = own ?? (byToken ? operators.mount : undefined);
  const namespace = parameterOf(flavour, parameters, "Namespace").text || operators.namespace;
  const audience = byToken ? parameters.get("audience") : "";
  const role = auth === "approle" ? "" : roleOf(flavour, parameters).text;
  return {
    // Go's path.Join makes one slash of several.
    ...(mount === undefined ? {} : { mount: mount.replace(/\/+/g, "/") }),
    ...(role ? { role } : {}),
    ...(audience ? { audience } : {}),
    ...(namespace ? { namespace } : {}),
  };
}

/** Marks trust and login as the pod's if the SecretProviderClass sets them itself for the operator's servers. */
function podWords(
  flavour: Flavour,
  input: DialectInput<OperatorVault>,
  { auth, tls }: { readonly auth: AuthName; readonly tls: VaultSettings["tls"] },
): Pick<VaultSettings, "trustFrom" | "loginFrom"> {
  return {
    ...(changesTrust({ flavour, input }, tls) ? { trustFrom: "pod" as const } : {}),
    ...(choosesLogin(flavour, input, auth) ? { loginFrom: "pod" as const } : {}),
  };
}

/** The mount that a SecretProviderClass names. */
function ownMount(flavour: Flavour, parameters: ReadonlyMap<string, string>): string | undefined {
  return mountParameters(flavour, parameters).find(({ text }) => text !== "")?.text;
}

/** Whether a SecretProviderClass says where to log in: at another mount or in another namespace than the operator's. */
function choosesLogin(
  flavour: Flavour,
  { parameters, own: operators }: DialectInput<OperatorVault>,
  auth: AuthName,
): boolean {
  const { mount, namespace = "", clientMounts } = operators;
  const clean = (text: string) => text.split("/").filter(Boolean).join("/");
  const own = ownMount(flavour, parameters) ?? (isByToken(auth) ? mount : auth);
  const meant = [mount, ...(clientMounts ?? [])].map(clean);
  const chosen = parameterOf(flavour, parameters, "Namespace").text;
  return !meant.includes(clean(own)) || (chosen !== "" && clean(chosen) !== clean(namespace));
}

/** The parameters behind the store's settings. */
const suffixes: ReadonlyMap<string, string> = new Map([
  ["address", "Address"],
  ["namespace", "Namespace"],
  ["tlsServerName", "TLSServerName"],
  ["ca", "CACert"],
]);

function parameterNameOf(flavour: Flavour, parameters: ReadonlyMap<string, string>, field: string): string {
  if (field === "role") return roleOf(flavour, parameters).name;
  if (field === "audience") return field;
  if (field === "mount") {
    const [kubernetes, auth] = mountParameters(flavour, parameters);
    return kubernetes.text === "" ? auth.name : kubernetes.name;
  }
  const suffix = suffixes.get(field);
  return suffix === undefined ? "parameters" : parameterOf(flavour, parameters, suffix).name;
}
