import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { AddressPolicy } from "../address-policy.ts";
import { ProviderError } from "../errors.ts";
import { checkedLookup } from "./checked-lookup.ts";
import { type Carrier, exchange } from "./exchange.ts";
import { toHttpError } from "./http-error.ts";
import type { HttpAnswer, HttpRequest } from "./message.ts";
import { redirectOf } from "./redirect.ts";
import { type TlsSettings, type Trust, TrustSource } from "./trust.ts";

/** How a client reaches its servers. */
export interface HttpClientOptions {
  readonly tls?: TlsSettings;
  /** For addresses that a pod author chose; absent for the operator's, which are trusted. */
  readonly addresses?: AddressPolicy | undefined;
}

/** Keep-alive connections to one server (or the servers of one service) under one TLS setting. */
export interface HttpClient {
  /**
   * Sends a request and gives the whole answer, whatever its status. Throws `LK0022` (address refused), `LK0030`
   * (unreachable, broken, no answer before `signal`), `LK0036` (no HTTP, wrong redirect), `LK0038` (over 8 MiB), `LK0039`
   * (certificate), `LK0020` (CA unusable). No text quotes user info, headers or a body.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes every connection. */
  close(): void;
}

/** Bounds that one server can be asked to bear from this node, and how long an idle connection is kept. */
const pooling = { keepAlive: true, maxSockets: 64, maxFreeSockets: 32, timeout: 60_000 };

/** A client of its own pool. Reads no environment: no proxy, no `NODE_TLS_REJECT_UNAUTHORIZED`. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new PooledClient(options);
}

class PooledClient implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #lookup: Carrier["lookup"];
  readonly #trust: TrustSource;
  #plain: Agent | undefined;
  #secure: { readonly trust: Trust; readonly agent: TlsAgent } | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#trust = new TrustSource(options.tls ?? {});
    this.#lookup = options.addresses === undefined ? undefined : checkedLookup(options.addresses);
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.#attempt(request);
    const next = request.follow === true ? redirectOf(request, answer) : undefined;
    if (next === undefined) return answer;
    const last = await this.#attempt(next);
    if (redirectOf(next, last) !== undefined) {
      throw new ProviderError("LK0036", `${new URL(request.origin).host} redirects more than once`, {
        fix: "use the address of the active server",
      });
    }
    return last;
  }

  close(): void {
    this.#plain?.destroy();
    this.#secure?.agent.destroy();
  }

  async #attempt(request: HttpRequest): Promise<HttpAnswer> {
    const url = new URL(request.origin);
    this.#options.addresses?.checkHost(url.hostname.replace(/^\[|\]$/g, ""));
    const agent = url.protocol === "https:" ? await this.#secureAgent() : this.#plainAgent();
    if (request.signal.aborted) throw toHttpError(undefined, url.host, request.signal);
    const carrier = { agent, lookup: this.#lookup };
    const first = await exchange(carrier, request);
    if (first.ok) return first.answer;
    if (!first.stale || !request.resend || request.signal.aborted) {
      throw toHttpError(first.thrown, url.host, request.signal);
    }
    // What closed one idle connection (a restart, mostly) closed the others too.
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    const second = await exchange(carrier, request);
    if (second.ok) return second.answer;
    throw toHttpError(second.thrown, url.host, request.signal);
  }

  #plainAgent(): Agent {
    this.#plain ??= new Agent(pooling);
    return this.#plain;
  }

  async #secureAgent(): Promise<TlsAgent> {
    const trust = await this.#trust.current();
    if (this.#secure?.trust === trust) return this.#secure.agent;
    const { serverName } = this.#options.tls ?? {};
    const agent = new TlsAgent({
      ...pooling,
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(trust.ca === undefined ? {} : { ca: [...trust.ca] }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    this.#secure = { trust, agent };
    return agent;
  }
}
