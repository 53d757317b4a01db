import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Certificate } from "./certificates.ts";

/** A client's request to a forward proxy. */
interface ForwardedRequest {
  readonly method: string;
  /** `host:port` of a `CONNECT`, else the whole URL. */
  readonly target: string;
  readonly host: string | undefined;
  readonly authorization: string | undefined;
}

/** A running forward proxy. */
export interface ForwardProxy {
  readonly url: string;
  readonly requests: readonly ForwardedRequest[];
  /** `pass`: every host is on this machine; a number: every request gets this status; `hang`: no answer. */
  setMode(mode: "pass" | "hang" | number): void;
  stop(): Promise<void>;
}

/**
 * A forward proxy on 127.0.0.1 that looks no name up: whatever host is asked for, 127.0.0.1 is meant, and with `to` the server
 * there, whatever the port.
 */
export async function startForwardProxy(options: { tls?: Certificate; to?: string } = {}): Promise<ForwardProxy> {
  const requests: ForwardedRequest[] = [];
  const sockets = new Set<Socket>();
  let mode: "pass" | "hang" | number = "pass";
  const note = ({ method = "", url = "", headers }: IncomingMessage) =>
    requests.push({ method, target: url, host: headers.host, authorization: headers["proxy-authorization"] });
  const server = options.tls === undefined ? createServer() : createTlsServer({ ...options.tls });
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("request", (message: IncomingMessage, response: ServerResponse) => {
    note(message);
    if (mode === "pass") forward(message, response);
    else if (mode !== "hang") response.writeHead(mode).end();
  });
  server.on("connect", (message: IncomingMessage, socket: Socket) => {
    note(message);
    socket.on("error", () => socket.destroy());
    if (mode === "pass")
      tunnel(
        options.to === undefined ? Number(message.url?.split(":").at(-1)) : Number(new URL(options.to).port),
        socket,
      );
    else if (mode !== "hang") socket.end(`HTTP/1.1 ${mode} No\r\n\r\n`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    setMode: (next) => {
      mode = next;
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function forward(message: IncomingMessage, response: ServerResponse): void {
  const { port, pathname, search } = new URL(message.url ?? "");
  const { method = "", headers } = message;
  const onward = request({ host: "127.0.0.1", port, method, path: `${pathname}${search}`, headers });
  onward.once("response", (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.once("error", () => response.writeHead(502).end());
  message.pipe(onward);
}

function tunnel(port: number, socket: Socket): void {
  const onward = connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    onward.pipe(socket).pipe(onward);
  });
  onward.on("error", () => socket.destroy());
  socket.on("close", () => onward.destroy());
}
