import pLimit, { type LimitFunction } from "p-limit";
import { toProviderError } from "../../errors.ts";
import { isJsonObject } from "../../formats/json.ts";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import type { VaultClient } from "./client.ts";
import { isSuccess } from "./complaint.ts";
import { readError, renewError } from "./errors.ts";
import { endOfLease, type Login, login } from "./login.ts";
import { holdsLease, keysOf, parseResponse, readResponse, secretOf, type VaultResponse } from "./response.ts";
import { type ListFolder, searchVault } from "./search.ts";
import { isReading, type VaultRef, type VaultSearch, type VaultSettings } from "./types.ts";

/** The same as the method LIST, which not every proxy knows (https://developer.hashicorp.com/vault/api-docs#api-operations). */
const asGet = { method: "GET", query: "list=true" };

/** How long the end of a session may take to be told to the server. */
const revokeMs = 2000;

/** Logs in and gives the session. Throws what `login` throws. */
export async function openVaultSession(
  client: VaultClient,
  request: OpenRequest<VaultSettings>,
  concurrency: number,
): Promise<Session<VaultRef, VaultSearch>> {
  const { settings, context } = request;
  const { count } = context;
  return new VaultSession({ client, settings, login: await login(client, request), concurrency, count });
}

/** Everything that a session is made of. */
interface SessionParts {
  readonly client: VaultClient;
  readonly settings: VaultSettings;
  readonly login: Login;
  readonly concurrency: number;
  readonly count: CallContext["count"];
}

class VaultSession implements Session<VaultRef, VaultSearch> {
  expiresAt?: number;
  readonly scope?: "pod";
  readonly #client: VaultClient;
  readonly #settings: VaultSettings;
  readonly #login: Login;
  readonly #limit: LimitFunction;
  readonly #count: CallContext["count"];
  #leased = false;
  #renewable: boolean;
  /** Requests that the token is still good for. */
  #left: number;
  #closed = false;

  constructor({ client, settings, login: made, concurrency, count }: SessionParts) {
    this.#client = client;
    this.#settings = settings;
    this.#count = count;
    this.#login = made;
    this.#renewable = made.renewable;
    this.#left = made.uses ?? Number.POSITIVE_INFINITY;
    this.#limit = pLimit(concurrency);
    if (made.expiresAt !== undefined) this.expiresAt = made.expiresAt;
    if (made.scope !== undefined) this.scope = made.scope;
  }

  get spent(): boolean {
    return this.#left <= 0;
  }

  async read(ref: VaultRef | VaultSearch, context: CallContext): Promise<Secret> {
    this.#left -= 1;
    return await ("prefix" in ref ? this.#search(ref, context) : this.#limit(() => this.#readOne(ref, context)));
  }

  /** Keeps the token, and with it the leases that it made. A token without one is replaced at its end instead. */
  async renew(context: CallContext): Promise<boolean> {
    if (!this.#leased || !this.#renewable || this.spent) return false;
    this.#left -= 1;
    const token = this.#login.token.reveal();
    const answer = await this.#client({
      method: "POST",
      path: "/v1/auth/token/renew-self",
      namespace: this.#settings.namespace,
      token,
      body: "{}",
      signal: context.signal,
      resend: true,
      onSend: () => context.count("renew"),
    });
    if (!isSuccess(answer)) throw renewError(answer, this.#settings, token);
    const auth = parseResponse(answer.body)?.get("auth");
    if (!isJsonObject(auth)) return false;
    Object.assign(this, endOfLease(auth));
    this.#renewable = auth.get("renewable") === true;
    return true;
  }

  /** Tells the server that the token is done with. A token that made a lease stays: revoking it would end the lease too. */
  async close(): Promise<void> {
    if (this.#closed || this.#leased || !this.#login.revocable) return;
    this.#closed = true;
    try {
      await this.#client({
        method: "POST",
        path: "/v1/auth/token/revoke-self",
        namespace: this.#settings.namespace,
        token: this.#login.token.reveal(),
        signal: AbortSignal.timeout(revokeMs),
        resend: true,
        onSend: () => this.#count("revoke"),
      });
    } catch {
      // The token ends by itself at its time to live.
    }
  }

  async #readOne(ref: VaultRef, context: CallContext): Promise<Secret> {
    const response = await this.#ask(ref, context);
    if (response !== undefined && holdsLease(response)) this.#leased = true;
    // https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
    const pinned = new URLSearchParams(ref.query).has("version");
    return secretOf(response, { path: ref.path, flavour: this.#settings.flavour, pinned, issues: !isReading(ref) });
  }

  async #search(search: VaultSearch, context: CallContext): Promise<Secret> {
    // All that is left of a token's uses: requests beside these would meet a token that the server takes no more.
    const uses = this.#left + 1;
    this.#left = uses === Number.POSITIVE_INFINITY ? uses : 0;
    let used = 0;
    const list: ListFolder = async (path) => {
      used += 1;
      const ref = { method: "LIST", path, query: "", namespace: search.namespace };
      try {
        return keysOf(await this.#ask(ref, context, { ...ref, ...asGet }), path);
      } catch (thrown) {
        // Nothing is in a folder that is not there.
        if (toProviderError(thrown).reason === "absent") return undefined;
        throw thrown;
      }
    };
    const found = await searchVault(search, list, this.#limit, uses);
    this.#left += uses - used;
    return found;
  }

  /** Throws what `readError` makes of an answer that is none; it speaks of `ref`, whatever was sent for it. */
  async #ask(ref: VaultRef, context: CallContext, sent = ref): Promise<VaultResponse> {
    const settings = this.#settings;
    const token = this.#login.token.reveal();
    const answer = await this.#client({
      method: sent.method,
      path: sent.path,
      query: sent.query,
      namespace: ref.namespace ?? settings.namespace,
      token,
      body: ref.body,
      signal: context.signal,
      // What issues is sent once: a second certificate or lease would be nobody's.
      resend: isReading(ref),
      onSend: () => context.count("read"),
    });
    if (!isSuccess(answer)) throw readError(answer, ref, settings, [token]);
    return await readResponse(answer.body, settings.flavour);
  }
}
