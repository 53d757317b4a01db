import { SocketError } from "./socket.ts";

/** The admin server, or nothing where it is off. */
export interface AdminServer {
  /** Where it listens; undefined where it is off. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/**
 * Answers `GET /healthz` and `GET /readyz` with 200: the process lives, and its sockets are served (this server starts
 * after them and stops before them). Anything else is 404.
 */
export async function serveAdmin(
  listen: { readonly host: string; readonly port: number } | null,
): Promise<AdminServer> {
  if (listen === null) return { port: undefined, close: async () => undefined };
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    const known = request.method === "GET" && (request.url === "/healthz" || request.url === "/readyz");
    response.writeHead(known ? 200 : 404, { "content-type": "text/plain" }).end(known ? "ok\n" : "not found\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new SocketError(`--admin-listen: ${listen.host}:${listen.port} cannot be had (${error.code ?? error.name})`),
      );
    });
    server.listen(listen.port, listen.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
