import type { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import type { AddressPolicy } from "../address-policy.ts";
import { untilAborted } from "../async/until-aborted.ts";
import { ProviderError } from "../errors.ts";
import { Agents } from "./agents.ts";
import { checkedLookup } from "./checked-lookup.ts";
import { type Carrier, exchange } from "./exchange.ts";
import { toHttpError } from "./http-error.ts";
import type { HttpAnswer, HttpRequest } from "./message.ts";
import type { Warn } from "./pem.ts";
import { chooseProxies, type HttpProxy, type ProxyChoice, type ProxySettings } from "./proxy.ts";
import { redirectOf } from "./redirect.ts";
import { SecureContexts } from "./secure-contexts.ts";
import type { TlsSettings } from "./trust.ts";
import { checkedHost, refusedBy } from "./tunnel.ts";

/** How a client reaches its servers. */
export interface HttpClientOptions {
  readonly tls?: TlsSettings;
  /** Those of clients whose servers may be under one CA; absent: of this client alone. */
  readonly contexts?: SecureContexts | undefined;
  /** Told which certificates of CA files cannot be read. */
  readonly warn?: Warn | undefined;
  /** For addresses that a pod author chose; absent for the operator's, which are trusted. */
  readonly addresses?: AddressPolicy | undefined;
  /** For hosts that a redirect of an operator's address leads to, where it is another host. */
  readonly redirectAddresses?: AddressPolicy | undefined;
  /** Absent: none. */
  readonly proxies?: ProxySettings | undefined;
}

/** Keep-alive connections to one server (or the servers of one service) under one TLS setting. */
export interface HttpClient {
  /**
   * Sends a request and gives the whole answer, whatever its status. Throws `LK0022` (address refused), `LK0030`
   * (unreachable, broken, no answer before `signal`), `LK0036` (no HTTP, wrong redirect), `LK0037` (cannot be sent),
   * `LK0038` (over 8 MiB), `LK0039` (certificate), `LK0020` (TLS files unusable). No text quotes user info, headers or a body.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes every connection. */
  close(): void;
}

/**
 * A client of its own pool. Reads no environment: no proxy, no `NODE_TLS_REJECT_UNAUTHORIZED`.
 * Throws `LK0020` for a proxy that cannot be used.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new PooledClient(options);
}

/** How one try gets to its server. */
interface Path {
  readonly carrier: Carrier;
  readonly agent: Agent;
  /** Who is spoken to, for messages. */
  readonly where: string;
  readonly forward?: HttpProxy;
}

class PooledClient implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agents: Agents;
  readonly #proxyFor: ProxyChoice;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#agents = new Agents(options.tls ?? {}, options.contexts ?? new SecureContexts(), options.warn);
    this.#proxyFor = chooseProxies(options.proxies ?? {});
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.#attempt(request, this.#options.addresses);
    const next = request.follow === true ? redirectOf(request, answer) : undefined;
    if (next === undefined) return answer;
    const last = await this.#attempt(next, this.#policyOf(request, next));
    if (redirectOf(next, last) !== undefined) {
      throw new ProviderError("LK0036", `${new URL(request.origin).host} redirects more than once`, {
        fix: "use the address of the active server",
      });
    }
    return last;
  }

  close(): void {
    this.#agents.destroy();
  }

  /** An operator's server may send on to its own host; another one has to be a host that anybody may ask. */
  #policyOf(from: HttpRequest, to: HttpRequest): AddressPolicy | undefined {
    const { addresses, redirectAddresses } = this.#options;
    const sameHost = new URL(from.origin).hostname === new URL(to.origin).hostname && from.socketPath === to.socketPath;
    return addresses ?? (sameHost ? undefined : redirectAddresses);
  }

  async #attempt(request: HttpRequest, policy: AddressPolicy | undefined): Promise<HttpAnswer> {
    const path = await this.#pathOf(request, policy);
    if (request.signal.aborted) throw toHttpError(undefined, path.where, request.signal);
    const first = await exchange(path.carrier, request);
    if (first.ok) return letThrough(first.answer, path);
    if (!first.stale || !request.resend || request.signal.aborted) {
      throw toHttpError(first.thrown, path.where, request.signal);
    }
    // What closed one idle connection (a restart, mostly) closed the others too.
    for (const socket of Object.values(path.agent.freeSockets).flat()) socket?.destroy();
    const second = await exchange(path.carrier, request);
    if (second.ok) return letThrough(second.answer, path);
    throw toHttpError(second.thrown, path.where, request.signal);
  }

  async #pathOf(request: HttpRequest, policy: AddressPolicy | undefined): Promise<Path> {
    const url = new URL(request.origin);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    policy?.checkHost(request.socketPath === undefined ? host : `unix://${request.socketPath}`);
    const proxy = request.socketPath === undefined ? this.#proxyFor(url) : undefined;
    const secure = url.protocol === "https:";
    // One that must not arrive twice never meets a connection that its server may have given up already.
    const agent = await this.#agents.agentFor({ secure, proxy, fresh: !request.resend });
    const lookup = policy === undefined ? undefined : checkedLookup(policy);
    const where = request.socketPath === undefined ? url.host : `unix://${request.socketPath}`;
    if (proxy === undefined || secure) return { carrier: { agent, lookup }, agent, where };
    const forward = { proxy, host: await this.#resolved(host, lookup, request.signal) };
    return { carrier: { agent, forward }, agent, where: proxy.where, forward: proxy };
  }

  async #resolved(host: string, lookup: LookupFunction | undefined, signal: AbortSignal): Promise<string> {
    return await untilAborted(checkedHost(host, lookup), signal).catch((thrown: unknown) => {
      throw toHttpError(thrown, host, signal);
    });
  }
}

/** A proxy that wants a password answers in the server's place. */
function letThrough(answer: HttpAnswer, { forward }: Path): HttpAnswer {
  if (forward !== undefined && answer.status === 407) throw refusedBy(forward, answer.status);
  return answer;
}
