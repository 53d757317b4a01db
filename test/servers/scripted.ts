import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Certificate } from "./certificates.ts";
import { cutConnection } from "./cut-connection.ts";

/** A request as it came in. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, still escaped. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer to give: an object body goes out as JSON; `reset` cuts the connection, `hang` never answers. */
export type Answer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array | object;
    }
  | "reset"
  | "hang";

/** Gives the answer to each request. */
export type Script = (request: RecordedRequest) => Answer | Promise<Answer>;

/** A running scripted server. */
export interface ScriptedServer {
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[];
  /** Takes another script for the requests that come from now on. */
  answerWith(script: Script): void;
  stop(): Promise<void>;
}

/** Where a server listens, if not plainly on a port of 127.0.0.1. */
export interface ScriptedOptions {
  /** Serves HTTPS; `clientCa`: only for clients with a certificate of that authority. */
  readonly tls?: Certificate & {
    readonly clientCa?: string;
    /** Called for each connection with the common name of the client's certificate. */
    readonly onClient?: (name: string) => void;
    /** Called for each connection with the TLS server name that was asked for. */
    readonly onServerName?: (name: string) => void;
  };
  /** Listens at this Unix socket. */
  readonly socketPath?: string;
}

/** An HTTP server on 127.0.0.1 that answers what a function says; for answers that real servers cannot be made to give. */
export async function startScripted(script: Script, options: ScriptedOptions = {}): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = [];
  let current = script;
  const handle = (message: IncomingMessage, response: ServerResponse) => {
    serve(message, response, requests, current).catch(() => message.socket.destroy());
  };
  const { tls, socketPath } = options;
  const server = tls === undefined ? createServer(handle) : createTlsServer(tlsOptions(tls), handle);
  server.on("secureConnection", (socket: TLSSocket) => {
    tls?.onClient?.(String(socket.getPeerCertificate().subject?.CN));
    tls?.onServerName?.(String(socket.servername));
  });
  await once(socketPath === undefined ? server.listen(0, "127.0.0.1") : server.listen(socketPath), "listening");
  return {
    url: socketPath === undefined ? urlOf(server.address() as AddressInfo, tls !== undefined) : `unix://${socketPath}`,
    requests,
    answerWith: (next) => {
      current = next;
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf({ port }: AddressInfo, secure: boolean): string {
  return `${secure ? "https" : "http"}://127.0.0.1:${port}`;
}

function tlsOptions({ key, cert, clientCa }: NonNullable<ScriptedOptions["tls"]>) {
  return clientCa === undefined ? { key, cert } : { key, cert, ca: clientCa, requestCert: true };
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  requests: RecordedRequest[],
  script: Script,
): Promise<void> {
  const request = await record(message);
  requests.push(request);
  const answer = await script(request);
  if (answer === "hang") return;
  if (answer === "reset") cutConnection(message.socket);
  else send(response, answer);
}

async function record(message: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { method = "", url = "", headers } = message;
  const parsed = new URL(url, "http://scripted.test");
  const body = Buffer.concat(chunks).toString("utf8");
  return { method, url, path: parsed.pathname, query: parsed.searchParams, headers, body };
}

function send(response: ServerResponse, answer: Exclude<Answer, string>): void {
  const { status = 200, headers = {}, body = "" } = answer;
  const isText = typeof body === "string" || body instanceof Uint8Array;
  response.writeHead(status, isText ? headers : { "content-type": "application/json", ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
