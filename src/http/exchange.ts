import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { ProviderError } from "../errors.ts";
import { type HttpAnswer, type HttpRequest, maxBodyBytes } from "./message.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What carries a request. */
export interface Carrier {
  readonly agent: Agent;
  readonly lookup?: LookupFunction | undefined;
}

/** How one try ended. `stale`: an idle connection turned out closed, and nothing of an answer came. */
export type Exchange =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly thrown: unknown; readonly stale: boolean };

/** Sends a request once and reads the whole answer. Never throws. */
export function exchange(carrier: Carrier, request: HttpRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    const wire = open(carrier, request);
    let answered = false;
    wire.once("response", (response) => {
      answered = true;
      readAnswer(response).then(
        (answer) => resolve({ ok: true, answer }),
        (thrown) => resolve({ ok: false, thrown, stale: false }),
      );
    });
    wire.on("error", (thrown) => {
      resolve({ ok: false, thrown, stale: wire.reusedSocket && !answered && isClosed(thrown) });
    });
    wire.once("close", () => {
      // An answer that switches protocols ends like this, without an error.
      if (!answered) resolve({ ok: false, thrown: closed(), stale: false });
    });
    try {
      // Not in the options: NODE_DEBUG=net prints those, and a token would be among them.
      for (const [name, value] of Object.entries(request.headers)) wire.setHeader(name, value);
      if (request.body !== undefined) wire.setHeader("content-length", Buffer.byteLength(request.body));
      request.onSend?.();
      wire.end(request.body);
    } catch (thrown) {
      resolve({ ok: false, thrown, stale: false });
      wire.destroy();
    }
  });
}

function open({ agent, lookup }: Carrier, request: HttpRequest) {
  const url = new URL(request.origin);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return send({
    agent,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? undefined : Number(url.port),
    method: request.method,
    path: request.path,
    signal: request.signal,
    ...(lookup === undefined ? {} : { lookup }),
  });
}

function closed(): Error {
  return Object.assign(new Error("closed without an answer"), { code: "ECONNRESET" });
}

function isClosed(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && (thrown.code === "ECONNRESET" || thrown.code === "EPIPE");
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const headers = headersOf(response);
  return {
    status: response.statusCode ?? 0,
    headers,
    body: Buffer.concat(chunks),
    retryAfterMs: parseRetryAfter(headers.get("retry-after"), Date.now()),
  };
}

function headersOf(response: IncomingMessage): ReadonlyMap<string, string> {
  const entries = Object.entries(response.headersDistinct);
  return new Map(entries.map(([name, values]) => [name, (values ?? []).join(", ")]));
}

function tooLarge(): ProviderError {
  return new ProviderError("LK0038", `the store's answer is larger than ${maxBodyBytes} bytes`, {
    fix: "split the secret into smaller ones",
  });
}
