import { ProviderError } from "../../errors.ts";
import { isJsonArray, isJsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import { tokenFor } from "../service-account-token.ts";
import type { OpenRequest } from "../store.ts";
import { type GcpLogin, tokenIn } from "./access-token.ts";
import { audienceOf } from "./cluster.ts";
import { parseCredential, readCredentialFile } from "./credentials-file.ts";
import { unusable } from "./errors.ts";
import { exchangeToken } from "./exchange.ts";
import { becomeAccount } from "./impersonate.ts";
import { logInByFile } from "./key-login.ts";
import { accountForm } from "./names.ts";
import { principalOf, workloadMemberOf } from "./principal.ts";
import type { GcpSettings, Impersonation, PodIdentity } from "./types.ts";
import type { GcpWay } from "./way.ts";

/** https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#kubernetes-sa-to-iam */
export const accountAnnotation = "iam.gke.io/gcp-service-account";

/** The accounts between, as a JSON list. */
export const delegatesAnnotation = "iam.gke.io/gcp-service-account-delegates";

/** The key of nodePublishSecretRef that holds a key file. */
const keyFile = "key.json";

/**
 * Turns the pod's identity into a token of Google's. Throws `LK0011` without the pod's token, `LK0014` for annotations that are
 * none, `LK0016` without a key file, `LK0032` refused, and what the way there gives.
 */
export async function logIn(request: OpenRequest<GcpSettings>, way: GcpWay): Promise<GcpLogin> {
  const { identity } = request.settings;
  const key = request.identity.credentials?.reveal().get(keyFile);
  if (identity.by === "keyFile") return await byKey(key, request, way);
  if (key !== undefined && identity.keyFile === "refused") throw twoLogins();
  if (identity.by === "provider") return await asProvider(request, way);
  if (key !== undefined && identity.keyFile === "preferred") return await byKey(key, request, way);
  return await asPod(request, identity, way);
}

async function asPod(request: OpenRequest<GcpSettings>, identity: PodIdentity, way: GcpWay): Promise<GcpLogin> {
  const { cluster } = way;
  const { context, identity: pod } = request;
  const who = `${pod.namespace}/${pod.serviceAccount}`;
  const impersonation = impersonationOf(request, identity, way);
  const pool = identity.pool ?? (await cluster.pool());
  const token = tokenFor(pod, audienceOf(pool)).reveal();
  const federated = await exchangeToken({ token, pool, who }, way, context);
  const number = cluster.projectNumber;
  if (impersonation.by !== "account") return { ...federated, member: principalOf(pool, pod, number) };
  const { account, delegates } = impersonation;
  const member = workloadMemberOf(pool, pod, number);
  const own = await becomeAccount({ account, delegates, bearer: federated, member, who: pod }, way, context);
  return { ...own, member: `serviceAccount:${account}` };
}

function impersonationOf(
  { found, identity: pod }: OpenRequest<GcpSettings>,
  { impersonate }: PodIdentity,
  { host }: GcpWay,
): Impersonation {
  if (impersonate.by !== "annotation") return impersonate;
  const account = host.impersonation === "none" ? undefined : found.get(accountAnnotation);
  if (account === undefined || account === "") return { by: "nobody" };
  const who = `${pod.namespace}/${pod.serviceAccount}`;
  if (!accountForm.test(account))
    throw wrongAnnotation(accountAnnotation, who, "the address of a Google service account");
  return { by: "account", account, delegates: delegatesIn(found.get(delegatesAnnotation) ?? "", who) };
}

function delegatesIn(text: string, who: string): readonly string[] {
  const list = text === "" ? [] : parseJsonOrNothing(text);
  const accounts = isJsonArray(list) ? list.filter((each) => typeof each === "string" && accountForm.test(each)) : [];
  if (isJsonArray(list) && accounts.length === list.length) return accounts as readonly string[];
  throw wrongAnnotation(
    delegatesAnnotation,
    who,
    'a JSON list of such addresses, ["a@project.iam.gserviceaccount.com"]',
  );
}

function wrongAnnotation(annotation: string, who: string, form: string): ProviderError {
  return new ProviderError("LK0014", `the annotation ${annotation} of the service account ${who} cannot be used`, {
    login: true,
    fix: `write ${form}`,
  });
}

async function byKey(key: string | undefined, { context }: OpenRequest<GcpSettings>, way: GcpWay): Promise<GcpLogin> {
  if (key === undefined) {
    throw new ProviderError("LK0016", `the request brought no ${keyFile}`, {
      login: true,
      fix: `name a Secret with the key ${keyFile} in nodePublishSecretRef of the volume`,
    });
  }
  const whose = `${keyFile} of nodePublishSecretRef`;
  const credential = parseCredential(key, whose, "LK0016");
  if (credential.type === "external_account") {
    throw new ProviderError("LK0016", `${whose} is a credential configuration, which takes its token from the node`, {
      login: true,
      fix: "put the key of a service account there, or let the pod use its own token",
    });
  }
  return await logInByFile(credential, way.podHttp, way, context);
}

function twoLogins(): ProviderError {
  return new ProviderError("LK0020", "both `auth` and nodePublishSecretRef say how to log in", {
    login: true,
    fix: "remove auth from the SecretProviderClass, or nodePublishSecretRef from the volume",
  });
}

/** Latchkey's own credentials: those of the operator's file, or of the node. */
async function asProvider({ context }: OpenRequest<GcpSettings>, way: GcpWay): Promise<GcpLogin> {
  const { credentialsFile } = way.host;
  if (credentialsFile !== undefined) {
    return await logInByFile(await readCredentialFile(credentialsFile), way.http, way, context);
  }
  const account = "instance/service-accounts/default";
  const [email, text] = await Promise.all(
    ["email", "token"].map((path) => way.metadata(`${account}/${path}`, context.signal)),
  );
  const about = { operation: "login", what: "asking for the node's token", service: "the metadata server" } as const;
  const answer = parseJsonOrNothing(text ?? "");
  if (!isJsonObject(answer)) throw unusable(`${about.what} failed: the answer is not a JSON object`, about);
  return { ...tokenIn(answer, about), member: `serviceAccount:${email}` };
}
