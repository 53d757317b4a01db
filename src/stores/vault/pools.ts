import { createHttpClient, type HttpClient } from "../../http/client.ts";
import type { StoreHost } from "../store.ts";
import { createVaultClient, type VaultClient } from "./client.ts";
import type { VaultSettings } from "./types.ts";

/** Servers and TLS settings that are remembered at once; pod authors choose them, so there is a bound. */
const most = 256;

interface Pool {
  readonly http: HttpClient;
  readonly client: Promise<VaultClient>;
}

/** One pooled client for each server, TLS settings and author of the address. */
export class VaultPools {
  readonly #host: StoreHost;
  readonly #pools = new Map<string, Pool>();

  constructor(host: StoreHost) {
    this.#host = host;
  }

  /** The client for these settings, made on first use. */
  clientFor(settings: VaultSettings): Promise<VaultClient> {
    const { addresses, addressFrom, tls } = settings;
    const key = JSON.stringify([addresses, addressFrom, tls]);
    const pool = this.#pools.get(key) ?? this.#make(settings);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    this.#forgetOldest();
    return pool.client;
  }

  /** Closes every connection. */
  close(): void {
    for (const { http } of this.#pools.values()) http.close();
    this.#pools.clear();
  }

  #make({ addresses: [address], addressFrom, tls }: VaultSettings): Pool {
    const http = createHttpClient({
      tls,
      addresses: addressFrom === "pod" ? this.#host.addresses : undefined,
    });
    return { http, client: createVaultClient(address, http) };
  }

  /** Not closed, for calls may be under way: idle connections end by themselves. */
  #forgetOldest(): void {
    const [oldest] = this.#pools.keys();
    if (this.#pools.size > most && oldest !== undefined) this.#pools.delete(oldest);
  }
}
