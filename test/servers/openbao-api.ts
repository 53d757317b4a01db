import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import type { Certificate } from "./certificates.ts";

/** Calls to one server's API with one token. */
export interface ApiClient {
  /** `path` without `/v1/`. The answer's JSON, or an empty object where there is none. Throws where the status is 400 or above. */
  request<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** Waits until the server is unsealed and active. */
  untilActive(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A client with connections of its own; `caPem` is the authority to trust, `client` what it shows of itself; `token` is left
 * out for calls without one, `namespace` for the root's.
 */
export function createApiClient(
  address: string,
  token?: string,
  caPem?: string,
  client?: Certificate,
  namespace?: string,
): ApiClient {
  const agent = new Agent(caPem === undefined ? {} : { connect: { ca: caPem, ...client } });
  const send = (method: string, path: string, body?: unknown) =>
    agent.request({
      origin: address,
      path: `/v1/${path}`,
      method: method as "GET",
      headers: {
        ...(token === undefined ? {} : { "x-vault-token": token }),
        ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    request: async (method, path, body) => {
      const answer = await send(method, path, body);
      const text = await answer.body.text();
      if (answer.statusCode >= 400) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`);
      return text === "" ? {} : JSON.parse(text);
    },
    untilActive: async () => {
      for (let tries = 0; tries < 500; tries += 1) {
        const answer = await send("GET", "sys/health");
        await answer.body.dump();
        if (answer.statusCode === 200) return;
        await sleep(10);
      }
      throw new Error(`${address} did not become active`);
    },
    close: () => agent.destroy(),
  };
}

/** Mounts a KV engine and waits until it takes writes (version 2 first upgrades itself, for a moment). */
export async function mountKv(api: Pick<ApiClient, "request">, mount: string, version: 1 | 2): Promise<void> {
  await api.request("POST", `sys/mounts/${mount}`, { type: "kv", options: { version: String(version) } });
  for (let tries = 1; version === 2; tries += 1) {
    try {
      await api.request("GET", `${mount}/config`);
      return;
    } catch (error) {
      if (tries === 200 || !String(error).includes("Upgrading")) throw error;
      await sleep(10);
    }
  }
}
