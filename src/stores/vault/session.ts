import pLimit, { type LimitFunction } from "p-limit";
import { toProviderError } from "../../errors.ts";
import type { Redacted } from "../../redacted.ts";
import type { Lease, RenewedLease } from "../lease.ts";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import type { VaultClient } from "./client.ts";
import { isSuccess } from "./complaint.ts";
import { readError } from "./errors.ts";
import { spentError } from "./lease-errors.ts";
import { renewLease, renewToken, revokeToken, type TokenCaller } from "./leases.ts";
import { endOfLease, type Login, login } from "./login.ts";
import { readStages } from "./previous.ts";
import { holdsLease, keysOf, readResponse, secretOf, type VaultResponse } from "./response.ts";
import { readLogin, savedLogin } from "./saved-login.ts";
import { type ListFolder, searchVault } from "./search.ts";
import { transitAnswer } from "./transit-key.ts";
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

/** Goes on with a login of an earlier process, which leases hang on. Throws `LK0036` for a text that is none. */
export function resumeVaultSession({ saved, ...parts }: Resumed): Session<VaultRef, VaultSearch> {
  return new VaultSession({ ...parts, login: readLogin(saved), count: () => undefined, leased: true });
}

/** A login of an earlier process, and what it goes on with. */
interface Resumed extends Pick<SessionParts, "client" | "settings" | "concurrency"> {
  readonly saved: Redacted<string>;
}

/** Everything that a session is made of. */
interface SessionParts {
  readonly client: VaultClient;
  readonly settings: VaultSettings;
  readonly login: Login;
  readonly concurrency: number;
  readonly count: CallContext["count"];
  /** Leases hang on it already. */
  readonly leased?: boolean;
}

class VaultSession implements Session<VaultRef, VaultSearch> {
  expiresAt?: number;
  readonly scope?: "pod";
  readonly #client: VaultClient;
  readonly #settings: VaultSettings;
  readonly #login: Login;
  readonly #limit: LimitFunction;
  readonly #count: CallContext["count"];
  #leased: boolean;
  #renewable: boolean;
  /** Requests that the token is still good for. */
  #left: number;
  #closed = false;

  constructor({ client, settings, login: made, concurrency, count, leased = false }: SessionParts) {
    this.#client = client;
    this.#settings = settings;
    this.#count = count;
    this.#login = made;
    this.#leased = leased;
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
    return await ("prefix" in ref ? this.#search(ref, context) : this.#readRef(ref, context));
  }

  /** Keeps the token, and with it the leases that it made. A token without one is replaced at its end instead. */
  async renew(context: CallContext): Promise<boolean> {
    if (!this.#leased || !this.#renewable || this.spent) return false;
    this.#left -= 1;
    const renewed = await renewToken(this.#caller, context);
    if (renewed === undefined) return false;
    Object.assign(this, endOfLease(renewed));
    this.#renewable = renewed.get("renewable") === true;
    return true;
  }

  async renewLease(lease: Lease, context: CallContext): Promise<RenewedLease> {
    if (this.spent) throw spentError();
    this.#left -= 1;
    return await renewLease(this.#caller, lease, context);
  }

  /** Tells the server that the token is done with. A token that made a lease stays: revoking it would end the lease too. */
  async close(): Promise<void> {
    if (this.#leased || !this.#login.revocable) return;
    try {
      await this.#end({ signal: AbortSignal.timeout(revokeMs), count: this.#count });
    } catch {
      // The token ends by itself at its time to live.
    }
  }

  /** Ends the token with its leases. Absent for batch tokens. */
  get revoke(): ((context: CallContext) => Promise<void>) | undefined {
    return this.#login.revocable ? (context) => this.#end(context) : undefined;
  }

  get resumable(): Redacted<string> | undefined {
    // A client certificate of the pod's own is in no file, and its token is bound to it.
    return this.#settings.auth.method === "cert" ? undefined : savedLogin(this.#login, this.expiresAt);
  }

  async #end(context: CallContext): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await revokeToken(this.#caller, context);
  }

  get #caller(): TokenCaller {
    return { client: this.#client, settings: this.#settings, token: this.#login.token };
  }

  async #readRef(ref: VaultRef, context: CallContext): Promise<Secret> {
    const read = (each: VaultRef) => this.#limit(() => this.#readOne(each, context));
    if (ref.previous !== true && ref.stages === undefined) return await read(ref);
    // A second request for the version before.
    this.#left -= 1;
    return await readStages(ref, read);
  }

  async #readOne(ref: VaultRef, context: CallContext): Promise<Secret> {
    const response = await this.#ask(ref, context);
    if (response !== undefined && holdsLease(response)) this.#leased = true;
    // https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
    const pinned = new URLSearchParams(ref.query).has("version");
    const [issues, flavour] = [!isReading(ref), this.#settings.flavour];
    const secret = secretOf(response, { path: ref.path, flavour, pinned, issues, namespace: ref.namespace });
    return ref.transit === undefined ? secret : transitAnswer(secret, ref.transit);
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
