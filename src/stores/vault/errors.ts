import type { ErrorId, ProviderError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { type Complaint, complaintOf, isForeign } from "./complaint.ts";
import { absenceOf, deniedFix } from "./path-advice.ts";
import { commonId, deniedText, notFromServer, vaultError } from "./server-error.ts";
import { settingsRemarks } from "./settings-remarks.ts";
import type { VaultAuth, VaultRef, VaultSettings } from "./types.ts";

/** The error of a login that did not succeed; `secrets` are taken out of whatever the server says. */
export function loginError(
  answer: HttpAnswer,
  settings: VaultSettings,
  who: string,
  secrets: readonly string[],
): ProviderError {
  const { auth, namespace = "" } = settings;
  const what = `failed to login at auth/${auth.mount}${roleOf(auth)}`;
  const complaint = complaintOf(answer.body, secrets);
  if (isForeign(answer, complaint)) return ofLogin(notFromServer(what, settings, answer), settings);
  const id = commonId(answer, complaint) ?? loginId(answer.status, complaint);
  const error = vaultError(
    { id, answer, complaint, what },
    {
      LK0032: `check that auth/${auth.mount} exists and ${loginFix(auth, who)}`,
      LK0042: namespaceFix(namespace),
    },
  );
  return ofLogin(error, settings);
}

/** The same error, told to be of the login: nothing was read yet. Settings that are probably a slip are the first to correct. */
function ofLogin(error: ProviderError, settings: VaultSettings): ProviderError {
  const { id, details } = error;
  const saysSo = id !== "LK0031" && id !== "LK0041";
  const slips = saysSo ? settingsRemarks(settings).map(({ text, fix }) => `${fix}: ${text}`) : [];
  const fix = [...slips, ...(details.fix === undefined ? [] : [details.fix])].join("; otherwise ");
  return error.with({ fix: fix === "" ? undefined : fix, login: true });
}

function roleOf(auth: VaultAuth): string {
  return auth.method === "approle" || auth.role === undefined ? "" : ` as role ${JSON.stringify(auth.role)}`;
}

function loginFix(auth: VaultAuth, who: string): string {
  switch (auth.method) {
    case "jwt":
      return `that its role ${JSON.stringify(auth.role)} accepts ${who} with the audience ${JSON.stringify(auth.audience)}`;
    case "approle":
      return "that role_id and secret_id are of one of its roles; a secret_id can be used up or expire";
    case "cert":
      return "that it has a role for the client certificate, and that TLS reaches the server itself and not a balancer";
  }
}

/** The error of a read that did not succeed; `secrets` are taken out of whatever the server says. */
export function readError(
  answer: HttpAnswer,
  ref: VaultRef,
  settings: VaultSettings,
  secrets: readonly string[],
): ProviderError {
  const path = ref.path.slice("/v1/".length);
  const what = `couldn't read secret ${path}`;
  const complaint = complaintOf(answer.body, secrets);
  if (isForeign(answer, complaint)) return notFromServer(what, settings, answer);
  const id = commonId(answer, complaint) ?? readId(answer.status, complaint);
  const absence = absenceOf(ref, path, answer.body);
  const said = id === "LK0034" && complaint.shown === "" ? { ...complaint, shown: absence.said } : complaint;
  return vaultError(
    { id, answer, complaint: said, what },
    {
      LK0033: deniedFix(ref, path, policyFix(ref, path, settings)),
      LK0034: absence.fix,
      LK0037: "check the path, its query and what is sent with it",
      LK0046: wrongPathFix(path, complaint),
      LK0042: namespaceFix(ref.namespace ?? settings.namespace ?? ""),
    },
  );
}

function policyFix(ref: VaultRef, path: string, { auth }: VaultSettings): string {
  const on = JSON.stringify(ref.method === "LIST" ? `${path}/*` : path);
  return `give a policy${ofRole(auth)} the capability "${capabilityOf(ref)}" on ${on}`;
}

function ofRole(auth: VaultAuth): string {
  return auth.method === "approle" || auth.role === undefined
    ? ` of the login at auth/${auth.mount}`
    : ` of role ${JSON.stringify(auth.role)}`;
}

/** https://developer.hashicorp.com/vault/docs/concepts/policies#capabilities */
const capabilities: ReadonlyMap<string, string> = new Map([
  ["GET", "read"],
  ["HEAD", "read"],
  ["LIST", "list"],
  ["DELETE", "delete"],
  ["PATCH", "patch"],
]);

function capabilityOf({ method }: VaultRef): string {
  return capabilities.get(method) ?? "update";
}

function namespaceFix(namespace: string): string {
  return `check the namespace ${JSON.stringify(namespace)}: it must exist, be written from the root, and the server must know namespaces`;
}

/** How a server says that it could not reach what it asks about a login: nobody was refused. */
const unreachedText =
  /\bdial (?:tcp|udp)\b|\bconnection (?:refused|reset)\b|\bi\/o timeout\b|\bdeadline exceeded\b|\bno such host\b|\bTLS handshake timeout\b/i;

/** Tells a refused login from one that could not be judged. */
export function loginId(status: number, { texts }: Complaint): ErrorId {
  if (status === 500 && texts.some((text) => unreachedText.test(text))) return "LK0030";
  const refused = (status >= 400 && status < 500) || (status === 500 && texts.length > 0);
  return refused ? "LK0032" : "LK0036";
}

/** A warning, with 404. */
const lacksData = /invalid path for a versioned k\/v secrets engine/i;

/** Errors, with 404: no engine is there, or it does not know the path. Neither says anything of a secret. */
const leadsNowhere = /\bno handler for route\b|\bunsupported path\b/i;

function isWrongPath({ texts, warnings }: Complaint): boolean {
  return [...texts, ...warnings].some((text) => lacksData.test(text) || leadsNowhere.test(text));
}

function wrongPathFix(path: string, { texts, warnings }: Complaint): string {
  if (![...texts, ...warnings].some((text) => lacksData.test(text))) {
    return "correct the path, or the namespace: it must begin with the mount of a secrets engine (vault secrets list)";
  }
  const [mount = "", ...rest] = path.split("/");
  const example = rest.length === 0 ? `${mount}/data/` : `${mount}/data/${rest.join("/")}`;
  return `write data/ after the mount of the KV version 2 engine, as in ${JSON.stringify(example)}`;
}

/** A KV engine that becomes one of version 2, with 400: it answers again within moments. */
const isUpgrading = /\bto versioned data\b/i;

function readId(status: number, complaint: Complaint): ErrorId {
  const { texts } = complaint;
  if (status === 401 || status === 403) return "LK0033";
  if (status === 404) return isWrongPath(complaint) ? "LK0046" : "LK0034";
  if (status === 400 && texts.some((text) => isUpgrading.test(text))) return "LK0030";
  if (status >= 400 && status < 500) return "LK0037";
  return status === 500 && texts.some((text) => deniedText.test(text)) ? "LK0033" : "LK0036";
}
