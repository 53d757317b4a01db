import { ProviderError } from "../../errors.ts";
import type { JsonObject } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage } from "../../http/not-from-store.ts";
import type { AccessToken } from "../azure/kept-tokens.ts";
import type { AzureLogin } from "../azure/log-in.ts";
import { objectOf } from "../azure/token-answer.ts";
import type { AzureWay } from "../azure/way.ts";
import type { CallContext } from "../store.ts";
import { challengeOf, mayHave } from "./challenge.ts";
import { readErrorOf, type VaultCall } from "./read-error.ts";

/** The version of the data plane that today's provider speaks; every cloud has it (https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/get-secret/get-secret?view=rest-keyvault-secrets-7.4). */
export const apiVersion = "7.4";

/** The vault of one session. */
export interface VaultPlace {
  readonly name: string;
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** The resource that tokens are made for in this cloud. */
  readonly resource: string;
}

/** How errors speak of a call, beside what the client knows. */
type CallWords = Omit<VaultCall, "principal" | "tenant" | "vault" | "secrets">;

/** One request: its path, and what is sent with it. */
interface Sent {
  readonly path: string;
  readonly body?: string;
}

/** The calls of one login to one vault. */
export class VaultClient {
  readonly place: VaultPlace;
  readonly #way: AzureWay;
  readonly #login: AzureLogin;
  /** The resource of the token; the vault can ask for another. */
  #resource: string;
  #token: AccessToken;

  constructor(place: VaultPlace, login: AzureLogin, way: AzureWay, token: AccessToken) {
    this.place = place;
    this.#way = way;
    this.#login = login;
    this.#resource = place.resource;
    this.#token = token;
  }

  /** Whose token it is, for people. */
  get principal(): string {
    const { clientId } = this.#login.principal;
    return clientId === "" ? "the node's managed identity" : clientId;
  }

  /** When the login ends, in milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#token.replaceAt;
  }

  /**
   * The object that a path of the vault answers; `path` is escaped and has its query. Throws `LK0031` while the vault
   * throttles, and what `readErrorOf` makes of other answers.
   */
  async get(path: string, call: CallWords, context: CallContext) {
    return await this.#ask({ path }, call, context);
  }

  /** The same for what is sent with a body. It reads, though its method does not say so. */
  async post(path: string, body: object, call: CallWords, context: CallContext) {
    return await this.#ask({ path, body: JSON.stringify(body) }, call, context);
  }

  async #ask(request: Sent, call: CallWords, context: CallContext) {
    const first = await this.#send(request, context);
    const answer = first.status === 401 ? await this.#afterChallenge(first, request, context) : first;
    const object = isWebPage(answer) ? undefined : objectOf(answer);
    if (answer.status === 200 && object !== undefined) return object;
    throw this.#errorOf(answer, object, call);
  }

  async #send({ path, body }: Sent, { signal, count }: CallContext): Promise<HttpAnswer> {
    this.#way.backOff.check(this.place.url);
    const base = new URL(this.place.url);
    return await this.#way.http
      .send({
        method: body === undefined ? "GET" : "POST",
        origin: base.origin,
        path: `${base.pathname.replace(/\/$/, "")}${path}`,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${this.#token.text.reveal()}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body }),
        signal,
        resend: true,
        onSend: () => count("read"),
      })
      .catch((thrown: unknown) => {
        throw withDnsFix(thrown, this.place);
      });
  }

  /** A vault that wants a token for another resource of its own gets one, once a session (Azure Stack, managed HSMs). */
  async #afterChallenge(answer: HttpAnswer, request: Sent, context: CallContext): Promise<HttpAnswer> {
    const wanted = challengeOf(answer)?.resource;
    if (wanted === undefined || wanted === this.#resource || !mayHave(new URL(this.place.url).hostname, wanted)) {
      return answer;
    }
    this.#token = await this.#login.token(wanted, context);
    this.#resource = wanted;
    return await this.#send(request, context);
  }

  #errorOf(answer: HttpAnswer, object: JsonObject | undefined, call: CallWords) {
    const { name } = this.place;
    if (answer.status === 429) this.#way.backOff.note(this.place.url, answer.retryAfterMs);
    if (answer.status === 200 && !isWebPage(answer)) return notJson(call.what);
    const { tenant } = this.#login.principal;
    const secrets = [this.#token.text.reveal()];
    const error = readErrorOf(answer, object, { ...call, vault: name, principal: this.principal, tenant, secrets });
    // A right may have come since the token was made, or the token is what is refused.
    if (error.reason === "denied") this.#login.drop(this.#resource, this.#token);
    return error;
  }
}

function notJson(what: string): ProviderError {
  return new ProviderError("LK0036", `${what} failed: the answer is not a JSON object`, {
    fix: "check what answers in place of the vault: a proxy, or the DNS name",
  });
}

/** A vault that does not exist has no name in DNS; one behind a private endpoint has one in a zone of its own. */
function withDnsFix(thrown: unknown, { name, url }: VaultPlace): unknown {
  if (!(thrown instanceof ProviderError) || thrown.id !== "LK0030") return thrown;
  const { storeCode = "" } = thrown.details;
  if (storeCode !== "ENOTFOUND" && !storeCode.startsWith("EAI_")) return thrown;
  const { host } = new URL(url);
  return thrown.with({
    fix: `check that the vault exists (az keyvault show --name ${name}) and that this node resolves ${host}: with a private endpoint, link the private DNS zone privatelink.vaultcore.azure.net to its network`,
  });
}
