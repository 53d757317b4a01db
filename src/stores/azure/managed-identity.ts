import { ProviderError } from "../../errors.ts";
import type { JsonObject } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage, notFromStore } from "../../http/not-from-store.ts";
import { oauthErrorIn } from "../oauth-error.ts";
import { shownText } from "../shown-text.ts";
import type { CallContext } from "../store.ts";
import type { AccessToken } from "./kept-tokens.ts";
import type { Principal } from "./principal.ts";
import { objectOf, tokenOf } from "./token-answer.ts";
import type { AzureWay } from "./way.ts";

const service = "the Instance Metadata Service";

/** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http */
const path = "/metadata/identity/oauth2/token";
const apiVersion = "2018-02-01";

/**
 * Asks the Instance Metadata Service of the node for a token of a managed identity. Throws `LK0032` where the node has no such
 * identity, `LK0030` where nobody answers, `LK0031`, `LK0036`.
 */
export async function askIdentityService(
  { clientId }: Principal,
  resource: string,
  { signal, count }: CallContext,
  { host, node }: AzureWay,
): Promise<AccessToken> {
  const base = new URL(host.imdsUrl ?? "http://169.254.169.254");
  const query = new URLSearchParams({ "api-version": apiVersion, resource });
  if (clientId !== "") query.set("client_id", clientId);
  const answer = await node
    .send({
      method: "GET",
      origin: base.origin,
      path: `${base.pathname.replace(/\/$/, "")}${path}?${query}`,
      // Without it the service refuses: a request that somebody was tricked into has no such header.
      headers: { accept: "application/json", metadata: "true" },
      signal,
      resend: true,
      onSend: () => count("login"),
    })
    .catch((thrown: unknown) => {
      throw thrown instanceof ProviderError ? thrown.with({ login: true, fix: reach }) : thrown;
    });
  const object = objectOf(answer);
  if (answer.status === 200 && !isWebPage(answer) && object !== undefined) return tokenOf(object, service, Date.now());
  throw refusal(answer, object, clientId);
}

const reach =
  "see that this node is a virtual machine of Azure, and that its network policies let Latchkey reach 169.254.169.254";

/** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling */
function refusal(answer: HttpAnswer, object: JsonObject | undefined, clientId: string): ProviderError {
  const { status, retryAfterMs } = answer;
  const [error, said] = [object?.get("error"), object?.get("error_description")];
  const shown = [error, said].filter((text) => typeof text === "string" && text !== "").join(": ");
  const message = `${service} answered with status ${status}${shown === "" ? "" : `: ${shownText(shown, [])}`}`;
  const details = { login: true, storeCode: typeof error === "string" ? error : String(status), retryAfterMs };
  if (status === 429) return new ProviderError("LK0031", message, { ...details, fix: "mount less at once" });
  // 404 and 410: the service is being updated.
  if (status >= 500 || status === 404 || status === 410) {
    return new ProviderError("LK0030", message, { ...details, reached: true, fix: "mount again later" });
  }
  if (status !== 400 || oauthErrorIn(object) === undefined) {
    return notFromStore("asking for a managed identity's token", service, answer).with({ login: true });
  }
  const assign =
    clientId === ""
      ? "az vmss identity assign (system-assigned)"
      : `az vmss identity assign --identities ID (the resource id of ${clientId})`;
  return new ProviderError("LK0032", message, {
    ...details,
    fix: `give this node's virtual machine the identity: ${assign}`,
  });
}
