import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { cutConnection } from "./cut-connection.ts";

/** A fault that a request meets on its way through the proxy. */
export type Fault =
  /** The request waits before it goes on. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The connection is cut before any answer; the upstream never sees the request. */
  | { readonly kind: "reset" }
  /** The upstream's status and headers arrive, then this many bytes of the body, then the connection is cut. */
  | { readonly kind: "resetMidBody"; readonly afterBytes: number }
  /** No answer ever; the upstream never sees the request. */
  | { readonly kind: "hang" }
  /** The upstream's body arrives in small pieces. */
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
  /** A fixed answer in the upstream's place. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

/** Sends the upstream's answer on, spoilt as the fault says. `signal` ends a drip. */
export async function relay(
  upstream: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (fault?.kind !== "resetMidBody" && fault?.kind !== "drip") {
    response.writeHead(upstream.statusCode ?? 502, passedOn(upstream));
    upstream.pipe(response);
    return;
  }
  const body = await collect(upstream);
  const length = { "content-length": String(body.length) };
  response.writeHead(upstream.statusCode ?? 502, { ...passedOn(upstream), ...length });
  if (fault.kind === "drip") await drip(response, body, fault, signal);
  else response.write(body.subarray(0, fault.afterBytes), () => cutConnection(response.socket));
}

async function collect(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function drip(
  response: ServerResponse,
  body: Buffer,
  { bytes, everyMs }: Extract<Fault, { kind: "drip" }>,
  signal: AbortSignal,
): Promise<void> {
  response.flushHeaders();
  for (let start = 0; start < body.length; start += bytes) {
    await sleep(everyMs, undefined, { signal });
    response.write(body.subarray(start, start + bytes));
  }
  response.end();
}

/** Headers without those that hold for one connection only. */
export function passedOn(message: IncomingMessage): Record<string, string | string[]> {
  const own = new Set(["connection", "keep-alive", "transfer-encoding"]);
  const kept: [string, string | string[]][] = [];
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !own.has(name)) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}
