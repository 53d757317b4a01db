import { ProviderError, toProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { tokenFor } from "../service-account-token.ts";
import { shownText } from "../shown-text.ts";
import type { AwsHost, OpenRequest } from "../store.ts";
import { type AwsCredentials, credentialsOf, type Login } from "./credentials.ts";
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
  return new ProviderError("LK0030", `the EKS Pod Identity agent of this node gave no answer: ${said}`, {
    login: true,
    storeCode: errors[0]?.details.storeCode,
    fix: "see that the add-on eks-pod-identity-agent runs on this node and may be reached from here",
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
  if (answer.status !== 200) throw refusal(answer, body, token, request);
  return { credentials: credentialsIn(body), principal: "the pod's EKS Pod Identity role" };
}

/** The agent's JSON; undefined for anything else, which is never shown. */
function bodyOf({ body }: HttpAnswer): JsonObject | undefined {
  try {
    const parsed = parseJson(body);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch (thrown) {
    if (thrown instanceof FormatError) return undefined;
    throw thrown;
  }
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
  { status, retryAfterMs }: HttpAnswer,
  body: JsonObject | undefined,
  token: string,
  { settings: { region }, identity: { namespace, serviceAccount } }: OpenRequest<AwsSettings>,
): ProviderError {
  const said = [body?.get("code"), body?.get("message")].filter((part) => typeof part === "string").join(": ");
  const shown = said === "" ? "" : `: ${shownText(said, [token])}`;
  const message = `the EKS Pod Identity agent answered with status ${status}${shown}`;
  const details = { login: true, storeCode: `agent ${status}`, retryAfterMs };
  if (status === 429) return new ProviderError("LK0031", message, { ...details, fix: "mount less at once" });
  if (status >= 500) {
    return new ProviderError("LK0030", message, {
      ...{ ...details, reached: true },
      fix: `see the log of the eks-pod-identity-agent on this node, and whether EKS Auth in ${region} can be reached`,
    });
  }
  return new ProviderError("LK0032", message, {
    ...details,
    fix: `associate a role with the service account ${namespace}/${serviceAccount} (aws eks create-pod-identity-association), whose trust policy lets pods.eks.amazonaws.com do sts:AssumeRole and sts:TagSession`,
  });
}
