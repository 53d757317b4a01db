import { ProviderError, toProviderError } from "../../errors.ts";
import { isJsonObject, type JsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage, notFromStore } from "../../http/not-from-store.ts";
import { tokenFor } from "../service-account-token.ts";
import { shownText } from "../shown-text.ts";
import type { OpenRequest } from "../store.ts";
import { type AwsCredentials, credentialsOf, type Login } from "./credentials.ts";
import type { AwsHost } from "./host.ts";
import type { AwsWay } from "./sdk-config.ts";
import type { AwsSettings, PodIdentityAddress } from "./types.ts";

/** The audience of the tokens that the agent takes. */
export const podIdentityAudience = "pods.eks.amazonaws.com";

/** Where the agent listens on every node (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html). */
const agents = { ipv4: "http://169.254.170.23", ipv6: "http://[fd00:ec2::23]" } as const;

const path = "/v1/credentials";

/** Longest wait for one address of the agent, in milliseconds, where the operator says nothing. */
const patience = 5_000;

/**
 * Asks the EKS Pod Identity agent of the node for the credentials of the pod's role. With `auto` the IPv6 address is asked
 * where nobody answers at the IPv4 one. Throws `LK0011` without a token, `LK0032` refused, `LK0030` where no agent answers.
 */
export async function askPodIdentity(
  request: OpenRequest<AwsSettings>,
  { address }: { readonly address: PodIdentityAddress },
  way: AwsWay,
): Promise<Login> {
  const token = tokenFor(request.identity, podIdentityAudience).reveal();
  const silent: ProviderError[] = [];
  for (const origin of addressesOf(address, way.host.podIdentityUrls)) {
    try {
      return await askAgent(origin, token, request, way);
    } catch (thrown) {
      const error = toProviderError(thrown);
      if (error.id !== "LK0030" || error.details.reached === true) throw error;
      silent.push(error);
      if (request.context.signal.aborted) break;
    }
  }
  throw noAgent(silent);
}

function noAgent(errors: readonly ProviderError[]): ProviderError {
  const said = errors.map(({ message }) => message).join("; ");
  return new ProviderError("LK0030", `the EKS Pod Identity agent of this node did not answer: ${said}`, {
    login: true,
    storeCode: errors[0]?.details.storeCode,
    fix: "check that the add-on eks-pod-identity-agent runs on this node and can be reached from here",
  });
}

function addressesOf(address: PodIdentityAddress, own: AwsHost["podIdentityUrls"]): readonly string[] {
  const known = { ...agents, ...own };
  if (address !== "auto") return [known[address]];
  return known.ipv4 === known.ipv6 ? [known.ipv4] : [known.ipv4, known.ipv6];
}

async function askAgent(
  origin: string,
  token: string,
  request: OpenRequest<AwsSettings>,
  { host, agent }: AwsWay,
): Promise<Login> {
  const { context } = request;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(host.podIdentityTimeout ?? patience)]);
  const answer = await agent.send({
    method: "GET",
    origin: new URL(origin).origin,
    path,
    headers: { accept: "application/json", authorization: token },
    signal,
    resend: true,
    onSend: () => context.count("login"),
  });
  const body = bodyOf(answer);
  if (answer.status === 200 && isWebPage(answer)) throw notFromAgent(answer);
  if (answer.status !== 200) throw refusal(answer, complaintOf(answer, body), token, request);
  return { credentials: credentialsIn(body), principal: "the pod's EKS Pod Identity role" };
}

/** The agent's JSON; undefined for anything else. */
function bodyOf({ body }: HttpAnswer): JsonObject | undefined {
  const parsed = parseJsonOrNothing(body);
  return isJsonObject(parsed) ? parsed : undefined;
}

/** The agent's own words, without a code of AWS. */
const ownText = /^(?:Access Denied\. |Service account token )/;

/** How it passes on what AWS said: `[request id]: (Code): message, fault: client`. */
const passedOn = /^(?:\[[^\]]*\]: )?\((\w{1,100})\): (.*?)(?:, fault: \w+)?\s*$/s;

/**
 * Returns the agent's complaint about the request: its text or JSON, or what AWS told it. Undefined for any other
 * answer: something else gave it, so nothing of it is shown.
 */
function complaintOf({ body }: HttpAnswer, object: JsonObject | undefined): string | undefined {
  const [own, said] = [object?.get("code"), object?.get("message")];
  // Gateways have a `message` too.
  if (typeof own === "string" && own !== "") return typeof said === "string" && said !== "" ? `${own}: ${said}` : own;
  const text = Buffer.from(body).toString("utf8");
  const [, code, message] = passedOn.exec(text) ?? [];
  if (code !== undefined) return message === "" ? code : `${code}: ${message}`;
  return ownText.test(text) ? text : undefined;
}

function notFromAgent(answer: HttpAnswer): ProviderError {
  const error = notFromStore("asking for the pod's role", "the EKS Pod Identity agent", answer);
  return error.with({ login: true });
}

function credentialsIn(body: JsonObject | undefined): AwsCredentials {
  const text = (name: string) => {
    const value = body?.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const end = text("Expiration");
  return credentialsOf(
    {
      AccessKeyId: text("AccessKeyId"),
      SecretAccessKey: text("SecretAccessKey"),
      SessionToken: text("Token"),
      Expiration: end === undefined ? undefined : new Date(end),
    },
    "the EKS Pod Identity agent",
  );
}

function refusal(
  answer: HttpAnswer,
  complaint: string | undefined,
  token: string,
  { settings: { region }, identity: { namespace, serviceAccount } }: OpenRequest<AwsSettings>,
): ProviderError {
  const { status, retryAfterMs } = answer;
  const shown = complaint === undefined || complaint === "" ? "" : `: ${shownText(complaint, [token])}`;
  const message = `the EKS Pod Identity agent answered with status ${status}${shown}`;
  const details = { login: true, storeCode: `agent ${status}`, retryAfterMs };
  if (status === 429) return new ProviderError("LK0031", message, { ...details, fix: "mount fewer volumes at once" });
  if (status >= 500) {
    return new ProviderError("LK0030", message, {
      ...{ ...details, reached: true },
      fix: `check the log of the eks-pod-identity-agent on this node, and that EKS Auth in ${region} can be reached`,
    });
  }
  if (complaint === undefined) return notFromAgent(answer);
  return new ProviderError("LK0032", message, {
    ...details,
    fix: `associate a role with the service account ${namespace}/${serviceAccount} (aws eks create-pod-identity-association); its trust policy must let pods.eks.amazonaws.com do sts:AssumeRole and sts:TagSession`,
  });
}
