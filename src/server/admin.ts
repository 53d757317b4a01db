import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { shared } from "../async/once.ts";
import { keepNewest } from "./newest-connections.ts";
import type { Readiness } from "./readiness.ts";
import { SocketError } from "./socket.ts";

/** The sources of what the admin server reports. */
export interface AdminSources {
  /** Whether the driver would be served now. Never rejects. */
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** The admin server, listening. */
export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Anybody in the pod network may come here: slow, many or large requests must cost little. Milliseconds and bytes. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
  keepAliveTimeout: 75_000,
} as const;

/** A connection on which nothing moves for so long is closed, in milliseconds. */
const idleTimeout = 80_000;

const mostConnections = 64;

/**
 * Answers GET and HEAD of `/healthz` (the process lives), `/readyz` (200 or 503) and `/metrics`. Throws `SocketError`
 * where the address cannot be had.
 */
export async function serveAdmin(
  listen: { readonly host: string; readonly port: number },
  sources: AdminSources,
): Promise<AdminServer> {
  const { createServer } = await import("node:http");
  // Many askers are no more work than one.
  const answers = new Map<string, () => Promise<Answer>>([
    ["/healthz", async () => ({ status: 200, text: "ok\n" })],
    ["/readyz", shared(async () => readinessAnswer(await sources.readiness()))],
    ["/metrics", shared(async () => metricsAnswer(await sources.metrics()))],
  ]);
  const server = createServer(limits, listener(answers));
  server.setTimeout(idleTimeout);
  keepNewest(server, mostConnections);
  await bind(server, listen);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : listen.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bind(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const shown = host.includes(":") ? `[${host}]` : host;
      reject(new SocketError(`--admin-listen: ${shown}:${port} cannot be had (${error.code ?? error.name})`));
    });
    server.listen(port, host, resolve);
  });
}

function listener(answers: ReadonlyMap<string, () => Promise<Answer>>): RequestListener {
  return (request, response) => {
    answerOf(request, answers).then(
      (answer) => send(request, response, answer),
      () => send(request, response, { status: 500, text: "failed\n" }),
    );
  };
}

async function answerOf(
  { method, url = "" }: IncomingMessage,
  answers: ReadonlyMap<string, () => Promise<Answer>>,
): Promise<Answer> {
  const answer = answers.get(url.split("?", 1)[0] ?? "");
  if (answer === undefined) return { status: 404, text: "not found\n" };
  if (method === "GET" || method === "HEAD") return await answer();
  return { status: 405, text: "method not allowed\n", headers: { allow: "GET, HEAD" } };
}

/** A request with a body is answered and its connection closed: nobody waits for the rest of it. */
function send(request: IncomingMessage, response: ServerResponse, { status, text, headers }: Answer): void {
  const hasBody = "transfer-encoding" in request.headers || (request.headers["content-length"] ?? "0") !== "0";
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
    ...(hasBody ? { connection: "close" } : {}),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : text, () => {
    if (hasBody) request.socket.destroySoon();
  });
}

function readinessAnswer({ ready, lines }: Readiness): Answer {
  return { status: ready ? 200 : 503, text: `${[ready ? "ok" : "not ready", ...lines].join("\n")}\n` };
}

function metricsAnswer({ contentType, text }: Awaited<ReturnType<AdminSources["metrics"]>>): Answer {
  return { status: 200, text, headers: { "content-type": contentType } };
}
