import { hash } from "node:crypto";
import { createHttpClient } from "../../http/client.ts";
import type { ClientPair } from "../../http/pem.ts";
import { SecureContexts } from "../../http/secure-contexts.ts";
import type { TlsSettings } from "../../http/trust.ts";
import type { HostAccount, StoreHost } from "../host.ts";
import type { Identity } from "../store.ts";
import { type CallExtras, type ChooseHttp, createVaultClient, type VaultClient } from "./client.ts";
import { createWays } from "./client-certificate.ts";
import { digestOf, ownCertificate } from "./credentials.ts";
import { createFailover } from "./failover.ts";
import type { VaultHost, VaultHosts } from "./host.ts";
import { RateLimit } from "./rate-limit.ts";
import { type ResolveSrv, serversOf } from "./srv.ts";
import type { VaultSettings } from "./types.ts";

/** Servers and TLS settings that are remembered at once; pod authors choose them, so there is a bound. */
const most = 4_096;

/** The memory that a client takes, in bytes: without connections, and for each character of a CA that a class brings, as OpenSSL holds it. */
const bytesOf = { client: 16_384, character: 6 };

/** Servers behind one list of addresses that are remembered; SRV records change. */
const mostServers = 64;

interface Pool {
  readonly client: VaultClient;
  close(): void;
}

/**
 * One pooled client for each list of servers, TLS settings and author of the addresses. An identity that logs in with a
 * certificate of its own has one of its own: a connection made with it is nobody else's.
 */
export class VaultPools {
  readonly #host: StoreHost;
  readonly #own: VaultHosts;
  readonly #srv: ResolveSrv;
  readonly #contexts = new SecureContexts();
  readonly #pools = new Map<string, Pool>();
  readonly #held: HostAccount | undefined;

  constructor(host: StoreHost, own: VaultHosts, srv: ResolveSrv) {
    this.#host = host;
    this.#own = own;
    this.#srv = srv;
    this.#held = host.account?.((key) => this.#pools.delete(key));
  }

  /** The client for these settings, made on first use. Throws `LK0016` for a certificate login without a certificate. */
  async clientFor(settings: VaultSettings, identity: Identity | undefined): Promise<VaultClient> {
    const { addresses, addressFrom, flavour, tls, trustFrom, loginFrom } = settings;
    const own = identity && ownCertificate(settings, identity);
    const parts = [
      addresses,
      addressFrom,
      flavour,
      tls,
      trustFrom,
      loginFrom,
      own && identity && digestOf(own, identity),
    ];
    const key = hash("sha256", JSON.stringify(parts), "base64url");
    const known = this.#pools.get(key);
    this.#held?.use(key);
    const pool = known ?? this.#make(settings, own);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    this.#forgetOldest();
    // Charged to whose first mount it is; another's goes on with it, and makes its own once it is gone.
    const bytes = bytesOf.client + bytesOf.character * (tls.ca?.length ?? 0);
    if (known === undefined) this.#held?.hold(identity?.namespace ?? "", key, bytes);
    return pool.client;
  }

  /** Closes every connection. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    this.#held?.releaseAll();
  }

  #make(settings: VaultSettings, own: ClientPair | undefined): Pool {
    const { addresses, addressFrom, flavour } = settings;
    const said = this.#own[flavour];
    const connect = (tls: TlsSettings) =>
      createHttpClient({
        tls,
        contexts: this.#contexts,
        addresses: addressFrom === "pod" ? this.#host.addresses : undefined,
        redirectAddresses: this.#host.addresses,
        warn: this.#host.warn,
        proxies: said?.proxy === undefined ? this.#host.proxies : { all: said.proxy },
      });
    const ways = createWays(settings, { said, own, connect });
    const limit = said?.rateLimit === undefined ? undefined : new RateLimit(said.rateLimit);
    const clients = rememberClients(ways.httpFor, extrasOf(said, settings));
    const list = async (signal: AbortSignal) => {
      if (said?.srvLookup !== true) return addresses;
      return (await Promise.all(addresses.map((address) => serversOf(address, this.#srv, signal)))).flat();
    };
    const failover = createFailover({ list, client: clients });
    if (limit === undefined) return { client: failover, close: ways.close };
    return { client: async (call) => limit.turn(call.signal).then(() => failover(call)), close: ways.close };
  }

  /** Not closed, for calls may be under way: idle connections end by themselves. */
  #forgetOldest(): void {
    const [oldest] = this.#pools.keys();
    if (this.#pools.size <= most || oldest === undefined) return;
    this.#pools.delete(oldest);
    this.#held?.release(oldest);
  }
}

function rememberClients(httpFor: ChooseHttp, extras: CallExtras): (address: string) => Promise<VaultClient> {
  const clients = new Map<string, Promise<VaultClient>>();
  return (address) => {
    const client = clients.get(address) ?? createVaultClient(address, httpFor, extras);
    if (clients.size >= mostServers) clients.clear();
    clients.set(address, client);
    return client;
  };
}

/** Headers that nobody adds: no session but its own login has a token, and the length and end of a body are what they are. */
const ours: ReadonlySet<string> = new Set(["x-vault-token", "content-length", "transfer-encoding", "connection"]);

/** Extra headers are the operator's, so they go to the operator's addresses only, and only where the operator says whom to believe. */
function extrasOf(said: VaultHost | undefined, { addressFrom, trustFrom }: VaultSettings): CallExtras {
  const headers = addressFrom === "operator" && trustFrom !== "pod" ? [...(said?.headers ?? [])] : [];
  return {
    headers: Object.fromEntries(
      headers.map(([name, value]) => [name.toLowerCase(), value]).filter(([name = ""]) => !ours.has(name)),
    ),
    followRedirects: said?.followRedirects ?? true,
  };
}
