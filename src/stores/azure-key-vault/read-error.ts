import { type ErrorId, ProviderError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage, notFromStore } from "../../http/not-from-store.ts";
import { throttleFix } from "../azure/vault-back-off.ts";
import { shownText } from "../shown-text.ts";
import { challengeOf, tenantOf } from "./challenge.ts";

/** A call to a vault, as its errors name it. */
export interface VaultCall {
  /** For people: `reading db-password in the vault shop as CLIENT`. */
  readonly what: string;
  readonly vault: string;
  /** The object, or undefined for a list of all. */
  readonly name?: string | undefined;
  /** As `az keyvault` names its type. */
  readonly type: "secret" | "key" | "certificate";
  readonly action: "get" | "list" | "decrypt";
  /** Whose token it is, for people and for `az`. */
  readonly principal: string;
  readonly tenant: string;
  /** Texts that no error may show. */
  readonly secrets: readonly string[];
}

interface Finding {
  readonly id: ErrorId;
  readonly fix: (call: VaultCall, answer: HttpAnswer) => string;
}

/** https://learn.microsoft.com/en-us/azure/key-vault/general/rbac-guide#azure-built-in-roles-for-key-vault-data-plane-operations */
const roles = {
  secret: "Key Vault Secrets User",
  key: "Key Vault Crypto User",
  certificate: "Key Vault Certificate User",
} as const;

const grantRole = ({ vault, principal, type }: VaultCall) =>
  `give ${principal} the role ${roles[type]} on the vault: az role assignment create --assignee ${principal} --role "${roles[type]}" --scope $(az keyvault show --name ${vault} --query id -o tsv)`;
const setPolicy = ({ vault, principal, type, action }: VaultCall) =>
  `let ${principal} ${action} ${type}s: az keyvault set-policy --name ${vault} --spn ${principal} --${type}-permissions ${action}`;
const grantEither = (call: VaultCall) =>
  `${grantRole(call)}; where the vault has access policies: az keyvault set-policy --name ${call.vault} --spn ${call.principal} --${call.type}-permissions ${call.action}`;
const openFirewall = ({ vault }: VaultCall) =>
  `let the vault's firewall accept this node: az keyvault network-rule add --name ${vault} --ip-address ADDRESS (the address is in the message), or --subnet ID with the service endpoint Microsoft.KeyVault; or read it by a private endpoint`;
const openConnection = ({ vault }: VaultCall) =>
  `let this node reach the private endpoint of ${vault}: link the private DNS zone privatelink.vaultcore.azure.net to its network, and approve the connection`;
const enable = ({ vault, name, type }: VaultCall) =>
  `set it to enabled: az keyvault ${type} set-attributes --vault-name ${vault} --name ${name} --enabled true`;
const attributes = ({ vault, name, type }: VaultCall) =>
  `set its dates: az keyvault ${type} set-attributes --vault-name ${vault} --name ${name} --expires DATE --not-before DATE; or make a new version`;
const create = ({ vault, name, type }: VaultCall) =>
  `check name and version; if it was deleted, az keyvault ${type} recover --vault-name ${vault} --name ${name}; else create it there`;
const findVault = ({ vault }: VaultCall) => `check the name of the vault: az keyvault show --name ${vault}`;

/** `error.innererror.code` of a 403 (https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes#http-403-insufficient-permissions). */
const inner: ReadonlyMap<string, Finding> = new Map([
  ["ForbiddenByRbac", { id: "LK0033", fix: grantRole }],
  ["ForbiddenByPolicy", { id: "LK0033", fix: setPolicy }],
  ["AccessDenied", { id: "LK0033", fix: setPolicy }],
  ["ForbiddenByFirewall", { id: "LK0033", fix: openFirewall }],
  ["ForbiddenByConnection", { id: "LK0033", fix: openConnection }],
  ...["SecretDisabled", "KeyDisabled", "CertificateDisabled"].map((code): [string, Finding] => [
    code,
    { id: "LK0033", fix: enable },
  ]),
  ...["SecretExpired", "KeyExpired", "SecretNotYetValid", "KeyNotYetValid"].map((code): [string, Finding] => [
    code,
    { id: "LK0033", fix: attributes },
  ]),
]);

/** `error.code` of objects that only Key Vault has. */
const ownCode = /^(?:Secret|Key|Certificate)NotFound$/;

/** `error.code`, for codes that mean one thing whatever the status. */
const outer: readonly (readonly [code: RegExp, finding: Finding])[] = [
  [ownCode, { id: "LK0034", fix: create }],
  [/^(?:VaultNotFound|ResourceNotFound)$/, { id: "LK0034", fix: findVault }],
  [/^Throttled$|^TooManyRequests$/, { id: "LK0031", fix: () => throttleFix }],
  [/^(?:BadParameter|InvalidVersion)$/, { id: "LK0037", fix: () => "check name and version" }],
];

/** The complaint in an answer, without its request ids and values. */
interface Complaint {
  readonly code: string;
  readonly innerCode: string;
  readonly message: string;
}

/** The error of an answer that is not what was asked for. */
export function readErrorOf(answer: HttpAnswer, object: JsonObject | undefined, call: VaultCall): ProviderError {
  const complaint = complaintOf(object);
  if (!isFromVault(answer, complaint)) return notFromStore(call.what, "Key Vault", answer);
  const { status, retryAfterMs } = answer;
  const { code = "", innerCode = "", message = "" } = complaint ?? {};
  const finding = findingOf(status, code, innerCode, message);
  const said = shownText([innerCode || code, message].filter((text) => text !== "").join(": "), call.secrets);
  const away = status === 502 || status === 503 || status === 504;
  return new ProviderError(finding.id, `${call.what} failed with status ${status}${said === "" ? "" : `: ${said}`}`, {
    storeCode: shownText(innerCode || code || String(status), call.secrets),
    retryAfterMs,
    reached: finding.id === "LK0030" && !away,
    passing: finding.id === "LK0030" && away,
    fix: finding.fix(call, answer),
  });
}

function findingOf(status: number, code: string, innerCode: string, message: string): Finding {
  const known = inner.get(innerCode) ?? outer.find(([form]) => form.test(code))?.[1];
  if (known !== undefined) return known;
  if (status === 429) return { id: "LK0031", fix: () => throttleFix };
  if (status === 401) return { id: "LK0032", fix: refusedToken };
  if (status === 403) return { id: "LK0033", fix: fixFor403(message) };
  if (status === 404) return { id: "LK0034", fix: create };
  if (status === 408 || status >= 500) return { id: "LK0030", fix: state };
  return { id: "LK0037", fix: () => "check name and version" };
}

/** Vaults of older days say in words what the inner code says now. */
function fixFor403(message: string): Finding["fix"] {
  if (/firewall|not authorized and caller is not a trusted service/i.test(message)) return openFirewall;
  if (/public network access is disabled|private link|private endpoint/i.test(message)) return openConnection;
  return /disabled/i.test(message) ? enable : grantEither;
}

const state = ({ vault }: VaultCall) =>
  `check the state of Azure and of the vault (az keyvault show --name ${vault}), and mount again later`;

/** A vault of another tenant names its own in the challenge. */
function refusedToken({ tenant, vault }: VaultCall, answer: HttpAnswer): string {
  const challenge = challengeOf(answer);
  const named = challenge === undefined ? undefined : tenantOf(challenge);
  if (named === undefined || tenant === "" || named.toLowerCase() === tenant.toLowerCase()) {
    return "mount again: the token is made anew; if it stays, check the clock of this node and the cloud of the vault";
  }
  return `set the tenant to ${named}, where the vault ${vault} is, and have an identity there: the login was made in ${tenant}`;
}

/** The headers that only Key Vault sends (https://learn.microsoft.com/en-us/azure/key-vault/general/common-parameters-and-headers). */
const ownHeaders = ["x-ms-keyvault-service-version", "x-ms-keyvault-region", "x-ms-keyvault-network-info"];

/** Decides whether the vault itself answered: by its headers, a code that no other service has, or a challenge. */
function isFromVault(answer: HttpAnswer, complaint: Complaint | undefined): boolean {
  if (answer.status === 429) return true;
  if (isWebPage(answer)) return false;
  if (ownHeaders.some((name) => answer.headers.has(name))) return true;
  if (answer.status === 401 && challengeOf(answer) !== undefined) return true;
  // Many services write `error` with a code such as `Forbidden`.
  return complaint !== undefined && (inner.has(complaint.innerCode) || ownCode.test(complaint.code));
}

function complaintOf(object: JsonObject | undefined): Complaint | undefined {
  const error = object?.get("error");
  if (!isJsonObject(error)) return undefined;
  const text = (from: JsonObject | undefined, name: string) => {
    const value = from?.get(name);
    return typeof value === "string" ? value : "";
  };
  const innererror = error.get("innererror");
  const innerCode = isJsonObject(innererror) ? text(innererror, "code") : "";
  const complaint = { code: text(error, "code"), innerCode, message: text(error, "message") };
  return complaint.code === "" ? undefined : complaint;
}
