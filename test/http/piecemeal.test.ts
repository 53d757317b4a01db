import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { ProviderError } from "../../src/errors.ts";
import { createHttpClient } from "../../src/http/client.ts";
import { Redacted } from "../../src/redacted.ts";

let server: Server | undefined;
const client = createHttpClient();

afterEach(async () => {
  client.close();
  await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
});

/** Answers each request by writing to its socket, which says how much was written until the client had enough. */
async function ask(write: (socket: Socket) => Promise<void>): Promise<ProviderError | string> {
  server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => void write(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signal = AbortSignal.timeout(25_000);
  return await client.send({ origin, method: "GET", path: "/", headers: {}, resend: true, signal }).then(
    ({ body }) => new Redacted(body).reveal().toString(),
    (error: ProviderError) => error,
  );
}

/** Writes a text over and over, as long as somebody reads it. */
async function flood(socket: Socket, text: string): Promise<void> {
  while (!socket.destroyed) {
    if (!socket.write(text)) await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
  }
}

describe("an answer in many small pieces", () => {
  it("is read, as long as they are not very many", async () => {
    const body = await ask(async (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      socket.end(`${"1\r\nx\r\n".repeat(4_000)}0\r\n\r\n`);
    });
    expect(body).toBe("x".repeat(4_000));
  });

  it("is given up when the pieces are very many", async () => {
    const error = await ask(async (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      await flood(socket, "1\r\nx\r\n".repeat(1_000));
    });
    expect(error).toMatchObject({
      id: "LK0038",
      message: "the store's answer comes in more pieces than one of 8388608 bytes needs",
    });
  });

  it("is given up when it never begins, for all that comes before it", async () => {
    const error = await ask((socket) => flood(socket, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(100)));
    expect(error).toMatchObject({
      id: "LK0036",
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ does not answer, it announces/),
    });
  });

  it("may be announced a few times", async () => {
    const body = await ask(async (socket) => {
      const early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(4);
      socket.end(`${early}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`);
    });
    expect(body).toBe("ok");
  });
});
