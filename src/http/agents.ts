import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { SecureContext } from "node:tls";
import type { Warn } from "./pem.ts";
import type { HttpProxy } from "./proxy.ts";
import type { SecureContexts } from "./secure-contexts.ts";
import { type TlsSettings, type Trust, TrustSource } from "./trust.ts";
import { TunnelAgent } from "./tunnel.ts";

/** Bounds that one server can be asked to bear from this node, and how long an idle connection is kept. */
const pooling = { keepAlive: true, maxSockets: 64, maxFreeSockets: 32, timeout: 60_000 };

/** Which connections a request may take. */
export interface Way {
  readonly secure: boolean;
  readonly proxy: HttpProxy | undefined;
  /** True for a connection of its own, which is not kept. */
  readonly fresh: boolean;
}

/** The connection pools of one client, made when they are wanted. */
export class Agents {
  readonly #tls: TlsSettings;
  readonly #contexts: SecureContexts;
  readonly #source: TrustSource;
  readonly #plain = new Map<string, Agent>();
  #secure = new Map<string, TlsAgent>();
  #inForce: { readonly trust: Trust; readonly context: SecureContext } | undefined;

  constructor(tls: TlsSettings, contexts: SecureContexts, warn?: Warn) {
    this.#tls = tls;
    this.#contexts = contexts;
    this.#source = new TrustSource(tls, warn);
  }

  /** The pool for a way. Throws `LK0020` where TLS files cannot be used. */
  async agentFor(way: Way): Promise<Agent> {
    if (!way.secure) return entry(this.#plain, keyOf(way), () => plainAgent(way));
    const trust = await this.#source.current();
    if (trust !== this.#inForce?.trust) {
      // Not destroyed: calls may be under way, and idle connections end by themselves.
      this.#secure = new Map();
      this.#inForce = { trust, context: this.#contexts.of(trust) };
    }
    const { context } = this.#inForce;
    return entry(this.#secure, keyOf(way), () => secureAgent(this.#tls, context, way));
  }

  /** Closes every connection. */
  destroy(): void {
    for (const agent of [...this.#plain.values(), ...this.#secure.values()]) agent.destroy();
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function keyOf({ fresh, proxy }: Way): string {
  return `${fresh} ${proxy?.where ?? ""}`;
}

function sizes({ fresh }: Way) {
  return fresh ? { ...pooling, keepAlive: false } : pooling;
}

/** A proxy over TLS is believed as Node believes anybody. */
function plainAgent(way: Way): Agent {
  return way.proxy?.secure === true
    ? new TlsAgent({ ...sizes(way), minVersion: "TLSv1.2", rejectUnauthorized: true })
    : new Agent(sizes(way));
}

function secureAgent({ serverName, skipVerify }: TlsSettings, secureContext: SecureContext, way: Way): TlsAgent {
  const options = {
    ...sizes(way),
    // As a context and not as options: NODE_DEBUG=https prints those, and the key would be among them.
    secureContext,
    // Always said, so that NODE_TLS_REJECT_UNAUTHORIZED says nothing.
    rejectUnauthorized: skipVerify !== true,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  return way.proxy === undefined ? new TlsAgent(options) : new TunnelAgent(options, way.proxy);
}
