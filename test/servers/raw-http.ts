import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** Answers a request once its head and body have come; `path` is the one of the request line. */
export type RawHandler = (request: { readonly method: string; readonly path: string }, socket: Socket) => void;

/** A server that reads HTTP requests and writes whatever bytes it likes. */
export interface RawServer {
  readonly url: string;
  answerWith(handler: RawHandler): void;
  stop(): Promise<void>;
}

/** Starts it on 127.0.0.1; for answers that no HTTP library lets one write. */
export async function startRaw(handler: RawHandler = () => undefined): Promise<RawServer> {
  let current = handler;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const request = wholeRequest(received);
      if (request === undefined) return;
      received = received.subarray(request.length);
      current(request, socket);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (next) => {
      current = next;
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function wholeRequest(bytes: Buffer) {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1] ?? 0);
  if (bytes.length < length) return undefined;
  const [method = "", path = ""] = text.split(" ", 2);
  return { method, path, length };
}

/** A whole HTTP answer with a right length. */
export function rawAnswer(status: number, body: string | Buffer, headers: readonly string[] = []): Buffer {
  const head = [`HTTP/1.1 ${status} X`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);
}
