import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { type AdminServer, type AdminSources, serveAdmin } from "../../src/server/admin.ts";

const servers: AdminServer[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(sources: Partial<AdminSources> = {}, host = "127.0.0.1"): Promise<AdminServer> {
  const server = await serveAdmin(
    { host, port: 0 },
    {
      readiness: async () => ({ ready: true, lines: [] }),
      metrics: async () => ({ contentType: "text/plain; version=0.0.4", text: "a_total 1\n" }),
      ...sources,
    },
  );
  servers.push(server);
  return server;
}

/** One request; status, headers and body of its answer. */
async function ask({ port }: AdminServer, path: string, method = "GET", host = "127.0.0.1") {
  const sent = request({ host, port, path, method, agent: false });
  sent.end();
  const [answer] = await once(sent, "response");
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

/** Sends bytes; gives all that comes back until the other side closes. */
async function raw({ port }: AdminServer, bytes: string): Promise<string> {
  const socket = open(port);
  socket.write(bytes);
  return await text(socket);
}

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

describe("the admin server", () => {
  it("answers what it knows, with and without a query", async () => {
    const server = await serve();
    const answers = await Promise.all(
      ["/healthz", "/readyz?verbose", "/metrics"].map(async (path) => {
        const { status, body, headers } = await ask(server, path);
        return [status, body, headers["content-type"]];
      }),
    );
    const plain = "text/plain; charset=utf-8";
    expect(answers).toEqual([
      [200, "ok\n", plain],
      [200, "ok\n", plain],
      [200, "a_total 1\n", "text/plain; version=0.0.4"],
    ]);
  });

  it("answers HEAD as GET, without the body", async () => {
    const server = await serve();
    const [got, head] = [await ask(server, "/metrics"), await ask(server, "/metrics", "HEAD")];
    expect([head.status, head.body, head.headers["content-length"]]).toEqual([200, "", got.headers["content-length"]]);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND"])("refuses %s", async (method) => {
    const { status, headers } = await ask(await serve(), "/metrics", method);
    expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  it.each(["/", "/debug/pprof/", "/metrics/", "//healthz", "/healthz%00", "*", "/__proto__", "/constructor"])(
    "knows no %s",
    async (path) => {
      expect((await ask(await serve(), path)).status).toBe(404);
    },
  );

  it("says that it is not ready, and why", async () => {
    const server = await serve({ readiness: async () => ({ ready: false, lines: ["vault.sock is gone"] }) });
    expect(await ask(server, "/readyz")).toMatchObject({ status: 503, body: "not ready\nvault.sock is gone\n" });
    expect((await ask(server, "/healthz")).status).toBe(200);
  });

  it("tells nothing of an error, and goes on", async () => {
    const metrics = () => Promise.reject(new Error("canary"));
    const server = await serve({ metrics });
    expect(await ask(server, "/metrics")).toMatchObject({ status: 500, body: "failed\n" });
    expect((await ask(server, "/readyz")).status).toBe(200);
  });

  it("makes an answer once for all who ask meanwhile", async () => {
    let made = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const readiness = async () => {
      made += 1;
      await promise;
      return { ready: true, lines: [] };
    };
    const server = await serve({ readiness });
    const asked = Array.from({ length: 20 }, () => ask(server, "/readyz"));
    expect((await ask(server, "/healthz")).status).toBe(200);
    resolve();
    await Promise.all(asked);
    await ask(server, "/readyz");
    expect(made).toBe(2);
  });

  it("listens on IPv6 addresses", async () => {
    const server = await serve({}, "::1");
    expect((await ask(server, "/healthz", "GET", "::1")).status).toBe(200);
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
  ])("says which address is taken: %s", async (host, shown) => {
    const { port } = await serve({}, host);
    const sources = { readiness: () => Promise.reject(), metrics: () => Promise.reject() };
    await expect(serveAdmin({ host, port }, sources)).rejects.toThrow(
      `--admin-listen: ${shown}:${port} cannot be had (EADDRINUSE)`,
    );
  });
});

describe("hostile HTTP does the admin server no harm:", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["a request that is none", "\x16\x03\x01\x02\0\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["a long URL", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ["many headers", `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(5_000)}\r\n`, /^HTTP\/1\.1 431 /],
    [
      "a body that never ends",
      "GET /healthz HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nff\r\n",
      /^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*ok\n$/is,
    ],
    [
      "a body that is announced and does not come",
      "POST /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999999\r\n\r\n",
      /^HTTP\/1\.1 405 .*\r\nconnection: close\r\n/is,
    ],
    [
      "two lengths",
      "GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n",
      /^HTTP\/1\.1 400 /,
    ],
    ["a proxy request", "CONNECT example.test:443 HTTP/1.1\r\nhost: a\r\n\r\n", /^$/],
    ["headers that do not come", "GET /healthz HTTP/1.1\r\nhost: a\r\n", /^HTTP\/1\.1 408 /],
  ];
  it.each(cases)("%s", async (_, bytes, answer) => {
    const server = await serve();
    expect(await raw(server, bytes)).toMatch(answer);
    expect((await ask(server, "/healthz")).status).toBe(200);
  });

  it("whoever holds many connections locks out nobody", async () => {
    const server = await serve();
    const held = Array.from({ length: 200 }, () => open(server.port));
    await Promise.all(held.map((socket) => once(socket, "connect")));
    const closed = held.slice(0, 100).map((socket) => once(socket, "close"));
    expect((await ask(server, "/healthz")).status).toBe(200);
    await Promise.all(closed);
    expect(held.at(-1)?.destroyed).toBe(false);
  });

  it("whoever opens many connections ends no answer that is on its way", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = await serve({ readiness: () => promise.then(() => ({ ready: true, lines: [] })) });
    const probed = ask(server, "/readyz");
    await ask(server, "/healthz");
    const held = Array.from({ length: 200 }, () => open(server.port));
    await Promise.all(held.map((socket) => once(socket, "connect")));
    await ask(server, "/healthz");
    resolve();
    expect((await probed).status).toBe(200);
  });

  it("whoever does not read what they ask for holds back nobody", async () => {
    const long = { contentType: "text/plain", text: "x".repeat(1_000_000) };
    const server = await serve({ metrics: async () => long });
    for (let count = 0; count < 20; count += 1)
      open(server.port).write("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n".repeat(50));
    expect((await ask(server, "/metrics")).body.length).toBe(1_000_000);
  });
});
