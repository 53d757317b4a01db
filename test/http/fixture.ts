import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect } from "vitest";
import type { ProviderError } from "../../src/errors.ts";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "../../src/http/client.ts";
import type { HttpRequest } from "../../src/http/message.ts";
import { type Script, type ScriptedOptions, type ScriptedServer, startScripted } from "../servers/scripted.ts";

/** Clients, servers and directories of one test, taken away by `clean`. */
export interface Scene {
  client(options?: HttpClientOptions): HttpClient;
  scripted(script: Script, options?: ScriptedOptions): Promise<ScriptedServer>;
  directory(): Promise<string>;
  later(cleanup: () => unknown): void;
  clean(): Promise<void>;
}

export function createScene(): Scene {
  const cleanups: (() => unknown)[] = [];
  return {
    client: (options) => {
      const client = createHttpClient(options);
      cleanups.push(() => client.close());
      return client;
    },
    scripted: async (script, options) => {
      const server = await startScripted(script, options);
      cleanups.push(() => server.stop());
      return server;
    },
    directory: async () => {
      const path = await mkdtemp(join(tmpdir(), "latchkey-http-"));
      cleanups.push(() => rm(path, { recursive: true }));
      return path;
    },
    later: (cleanup) => cleanups.push(cleanup),
    clean: async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}

/** A GET that may be sent again, with a token. */
export function get(origin: string, more: Partial<HttpRequest> = {}): HttpRequest {
  const headers = { "x-vault-token": "s.CANARY-token" };
  return { method: "GET", origin, path: "/v1/x", headers, signal: AbortSignal.timeout(5000), resend: true, ...more };
}

/** The error of a request that must fail; nothing secret may be in it. */
export async function failure(sent: Promise<unknown>): Promise<ProviderError> {
  const error = await sent.then(
    () => expect.unreachable("the request should have failed"),
    (thrown: ProviderError) => thrown,
  );
  expect(`${inspect(error, { depth: 9 })} ${error.stack}`).not.toContain("CANARY");
  return error;
}
