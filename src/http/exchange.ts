import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { readBody } from "./body.ts";
import type { HttpAnswer, HttpRequest } from "./message.ts";
import type { HttpProxy } from "./proxy.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** The code of the error of a server that sends interim answers and no other. */
export const endlessCode = "ENDLESS_INTERIM";

/** The transport of a request. */
export interface Carrier {
  readonly agent: Agent;
  readonly lookup?: LookupFunction | undefined;
  /** The proxy that gets the request whole, and the host that it is to ask; for `http://` addresses. */
  readonly forward?: { readonly proxy: HttpProxy; readonly host: string } | undefined;
}

/** How one try ended. `stale`: an idle connection turned out closed, and nothing of an answer came. */
export type Exchange =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly thrown: unknown; readonly stale: boolean };

/** Sends a request once and reads the whole answer. Never throws. */
export function exchange(carrier: Carrier, request: HttpRequest): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const failed = (thrown: unknown, stale = false) => resolve({ ok: false, thrown, stale });
  let wire: ClientRequest;
  try {
    wire = open(carrier, request);
  } catch (thrown) {
    failed(thrown);
    return promise;
  }
  let answered = false;
  wire.once("response", (response) => {
    answered = true;
    readAnswer(response).then((answer) => resolve({ ok: true, answer }), failed);
  });
  wire.on("error", (thrown) => failed(thrown, wire.reusedSocket && !answered && isClosed(thrown)));
  // An answer that switches protocols ends like this, without an error.
  wire.once("close", () => answered || failed(closed()));
  // Without a socket (a proxy that hangs) an aborted request says nothing.
  request.signal.addEventListener("abort", failed, { once: true });
  promise.finally(() => request.signal.removeEventListener("abort", failed));
  tellReach(wire, request);
  endAnnouncements(wire);
  try {
    writeHeaders(wire, carrier, request);
    request.onSend?.();
    wire.end(request.body);
  } catch (thrown) {
    failed(thrown);
    wire.destroy();
  }
  return promise;
}

function open({ agent, lookup, forward }: Carrier, request: HttpRequest): ClientRequest {
  const { method, path, socketPath, signal } = request;
  const url = new URL(request.origin);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (forward !== undefined) {
    const { proxy } = forward;
    const target = `${isIP(forward.host) === 6 ? `[${forward.host}]` : forward.host}${url.port && `:${url.port}`}`;
    const send = proxy.secure ? httpsRequest : httpRequest;
    return send({ agent, host: proxy.host, port: proxy.port, method, path: `http://${target}${path}`, signal });
  }
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return send({
    agent,
    host,
    port: url.port === "" ? undefined : Number(url.port),
    method,
    path,
    signal,
    ...(lookup === undefined ? {} : { lookup }),
    ...(socketPath === undefined ? {} : { socketPath }),
  });
}

/** Not in the options: NODE_DEBUG=net prints those, and a token would be among them. */
function writeHeaders(wire: ClientRequest, { forward }: Carrier, request: HttpRequest): void {
  for (const [name, value] of Object.entries(request.headers)) wire.setHeader(name, value);
  if (request.body !== undefined) wire.setHeader("content-length", Buffer.byteLength(request.body));
  if (forward === undefined) return;
  wire.setHeader("host", new URL(request.origin).host);
  const { authorization } = forward.proxy;
  if (authorization !== undefined) wire.setHeader("proxy-authorization", authorization.reveal());
}

/** Before a connection stands, TLS included, nothing of a request can have arrived. */
function tellReach(wire: ClientRequest, request: HttpRequest): void {
  const { onReach } = request;
  if (onReach === undefined) return;
  wire.once("socket", (socket: Socket) => {
    if (wire.reusedSocket) return onReach();
    if (socket instanceof TLSSocket) socket.once("secureConnect", onReach);
    else if (socket.connecting) socket.once("connect", onReach);
    else onReach();
  });
}

/** A server sends few interim answers (https://www.rfc-editor.org/rfc/rfc9110#section-15.2) before the one that counts. */
const mostAnnounced = 16;

/** One that sends nothing else would have the process read them until the mount's time is over. */
function endAnnouncements(wire: ClientRequest): void {
  let announced = 0;
  wire.on("information", () => {
    announced += 1;
    if (announced <= mostAnnounced) return;
    wire.destroy(Object.assign(new Error("interim answers without end"), { code: endlessCode }));
  });
}

function closed(): Error {
  return Object.assign(new Error("closed without an answer"), { code: "ECONNRESET" });
}

function isClosed(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && (thrown.code === "ECONNRESET" || thrown.code === "EPIPE");
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const headers = headersOf(response);
  return {
    status: response.statusCode ?? 0,
    headers,
    body: await readBody(response),
    retryAfterMs: parseRetryAfter(headers.get("retry-after"), Date.now()),
  };
}

function headersOf(response: IncomingMessage): ReadonlyMap<string, string> {
  const entries = Object.entries(response.headersDistinct);
  return new Map(entries.map(([name, values]) => [name, (values ?? []).join(", ")]));
}
