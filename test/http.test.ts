import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { generate } from "selfsigned";
import { afterEach, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../src/address-policy.ts";
import type { ProviderError } from "../src/errors.ts";
import { createHttpClient, type HttpClientOptions } from "../src/http/client.ts";
import { type HttpRequest, maxBodyBytes } from "../src/http/message.ts";
import { parseRetryAfter } from "../src/http/retry-after.ts";
import { createAuthority } from "./servers/certificates.ts";
import { type Script, startScripted } from "./servers/scripted.ts";

const token = "s.CANARY-token";
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function clientOf(options: HttpClientOptions = {}) {
  const client = createHttpClient(options);
  cleanups.push(() => client.close());
  return client;
}

async function scripted(script: Script, options: Parameters<typeof startScripted>[1] = {}) {
  const server = await startScripted(script, options);
  cleanups.push(() => server.stop());
  return server;
}

/** A server that speaks raw bytes; `onSocket` says what. */
async function raw(onSocket: (socket: Socket, count: number) => void): Promise<string> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    onSocket(socket, ++count);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(origin: string, more: Partial<HttpRequest> = {}): HttpRequest {
  const signal = AbortSignal.timeout(5000);
  return { method: "GET", origin, path: "/v1/x", headers: { "x-vault-token": token }, signal, resend: true, ...more };
}

async function failure(sent: Promise<unknown>): Promise<ProviderError> {
  const error = await sent.then(
    () => expect.unreachable("the request should have failed"),
    (thrown: ProviderError) => thrown,
  );
  expect(inspect(error, { depth: 9 })).not.toContain("CANARY");
  return error;
}

describe("an HTTP request", () => {
  test("gives status, headers and bytes of any answer, and sends path, method and body as they are", async () => {
    const server = await scripted(() => ({ status: 503, headers: { "Retry-After": "7", "X-A": "b" }, body: "né" }));
    const request = get(server.url, { method: "PUT", path: "/v1/a%2Fb?x=%20", body: '{"a":1}' });
    const answer = await clientOf().send(request);
    expect(answer).toEqual({
      status: 503,
      headers: expect.any(Map),
      body: Buffer.from("né"),
      retryAfterMs: 7000,
    });
    expect(answer.headers.get("x-a")).toBe("b");
    expect(server.requests).toMatchObject([{ method: "PUT", url: "/v1/a%2Fb?x=%20", body: '{"a":1}' }]);
    expect(server.requests[0]?.headers).toMatchObject({ "x-vault-token": token, "content-length": "7" });
  });

  test("a GET may carry a body", async () => {
    const server = await scripted(() => ({ body: "ok" }));
    await clientOf().send(get(server.url, { body: "{}" }));
    expect(server.requests).toMatchObject([{ method: "GET", body: "{}" }]);
  });

  test("connections are kept and shared", async () => {
    let connections = 0;
    const origin = await raw((socket) => {
      connections++;
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    });
    const client = clientOf();
    for (let i = 0; i < 5; i++) await client.send(get(origin));
    expect(connections).toBe(1);
  });

  test("the environment chooses no proxy and turns no check off", async () => {
    const server = await scripted(() => ({ body: "ok" }), { tls: await (await createAuthority()).issue() });
    const planted = { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9", NODE_USE_ENV_PROXY: "1" };
    const before = { ...process.env };
    Object.assign(process.env, planted, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    cleanups.push(() => {
      for (const name of [...Object.keys(planted), "NODE_TLS_REJECT_UNAUTHORIZED"]) {
        if (before[name] === undefined) delete process.env[name];
      }
    });
    expect((await failure(clientOf().send(get(server.url)))).id).toBe("LK0039");
  });
});

describe("an idle connection that the server closed", () => {
  /** Answers the first request of the first connection, cuts it at the second; `later` plays the other connections. */
  const closing = (later: (socket: Socket) => void) =>
    raw((socket, count) => {
      let requests = 0;
      socket.on("data", () => {
        if (count > 1) later(socket);
        else if (++requests > 1) socket.resetAndDestroy();
        else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });

  test("is no failure: the request goes out once more, on a new connection", async () => {
    const origin = await closing((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew"));
    const client = clientOf();
    let sent = 0;
    const request = get(origin, { onSend: () => sent++ });
    await client.send(request);
    expect(Buffer.from((await client.send(request)).body).toString()).toBe("new");
    expect(sent).toBe(3);
  });

  test("is told where the second try breaks too", async () => {
    const origin = await closing((socket) => socket.resetAndDestroy());
    const client = clientOf();
    let sent = 0;
    const request = get(origin, { onSend: () => sent++ });
    await client.send(request);
    expect((await failure(client.send(request))).id).toBe("LK0030");
    expect(sent).toBe(3);
  });

  test("is never met by a request that must not go out twice: it has a connection of its own", async () => {
    const connections: string[] = [];
    const origin = await raw((socket, count) =>
      socket.on("data", (data: Buffer) => {
        connections.push(`${count} ${data.toString().split(" ")[0]}`);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }),
    );
    const client = clientOf();
    await client.send(get(origin));
    await client.send(get(origin, { method: "PUT", resend: false }));
    await client.send(get(origin, { method: "PUT", resend: false }));
    await client.send(get(origin));
    expect(connections).toEqual(["1 GET", "2 PUT", "3 PUT", "1 GET"]);
  });
});

describe("a request says whether it can have arrived", () => {
  const reached = async (origin: string, more: Partial<HttpRequest> = {}) => {
    let times = 0;
    await clientOf()
      .send(get(origin, { resend: false, onReach: () => times++, ...more }))
      .catch(() => undefined);
    return times;
  };

  test("no where nobody listens, where the name is unknown, and where TLS fails", async () => {
    const stranger = await scripted(() => ({ body: "ok" }), { tls: await (await createAuthority()).issue() });
    const mute = await raw(() => undefined);
    const signal = () => AbortSignal.timeout(150);
    expect(await reached("http://127.0.0.1:1")).toBe(0);
    expect(await reached("http://no-such-name.invalid")).toBe(0);
    expect(await reached(stranger.url)).toBe(0);
    expect(await reached(mute.replace("http:", "https:"), { signal: signal() })).toBe(0);
    expect(stranger.requests).toEqual([]);
  });

  test("yes where the connection stood, whatever came then", async () => {
    const authority = await createAuthority();
    const secure = await scripted(() => "reset", { tls: await authority.issue() });
    const client = clientOf({ tls: { ca: authority.caPem } });
    let times = 0;
    await failure(client.send(get(secure.url, { resend: false, onReach: () => times++ })));
    expect(times).toBe(1);
    expect(await reached((await scripted(() => "reset")).url)).toBe(1);
    expect(await reached((await scripted(() => ({ status: 503 }))).url)).toBe(1);
  });
});

for (const [what, more] of [
  ["a method that is none", { method: "GE T" }],
  ["a path with a space", { path: "/v1/CANARY x" }],
] as const) {
  test(`${what} is refused before anything is sent`, async () => {
    const server = await scripted(() => ({ body: "ok" }));
    expect((await failure(clientOf().send(get(server.url, more)))).id).toBe("LK0037");
    expect(server.requests).toEqual([]);
  });
}

test("a new connection that breaks is not tried again", async () => {
  let sent = 0;
  const server = await scripted(() => "reset");
  const error = await failure(clientOf().send(get(server.url, { onSend: () => sent++ })));
  expect([error.id, error.message]).toEqual([
    "LK0030",
    `the connection to ${new URL(server.url).host} broke (ECONNRESET)`,
  ]);
  expect(sent).toBe(1);
});

const badAnswers: readonly [what: string, bytes: string, id: string][] = [
  ["no HTTP", "CANARY nonsense\r\n\r\n", "LK0036"],
  ["a broken status line", "HTTP/9.9 CANARY\r\n\r\n", "LK0036"],
  ["headers without end", `HTTP/1.1 200 OK\r\nx: ${"CANARY".repeat(20_000)}\r\n\r\n`, "LK0036"],
  ["two content lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nCA", "LK0036"],
  ["a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nCANARY", "LK0036"],
  ["a cut body", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nCANARY", "LK0030"],
  ["a switch of protocols", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nCANARY", "LK0030"],
  ["nothing", "", "LK0030"],
];

describe("a server that answers", () => {
  for (const [what, bytes, id] of badAnswers) {
    test(`${what} gives ${id}`, async () => {
      const origin = await raw((socket) => socket.once("data", () => socket.end(bytes)));
      expect((await failure(clientOf().send(get(origin)))).id).toBe(id);
    });
  }

  test("more than the limit gives LK0038 and is cut off", async () => {
    let written = 0;
    const origin = await raw((socket) => {
      const fill = () => {
        while (!socket.destroyed && written < 20 * maxBodyBytes) {
          written += 65_536;
          if (!socket.write(Buffer.alloc(65_536, "x"))) return void socket.once("drain", fill);
        }
      };
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        fill();
      });
    });
    const error = await failure(clientOf().send(get(origin)));
    expect([error.id, error.message]).toEqual(["LK0038", "the store's answer is larger than 8388608 bytes"]);
    expect(written).toBeLessThan(3 * maxBodyBytes);
  });
});

describe("large answers", () => {
  test("are read four at once, and usual ones beside them", async () => {
    const half = Buffer.alloc(maxBodyBytes / 2, "x");
    const held: Socket[] = [];
    const holding = await raw((socket) =>
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 * half.length}\r\n\r\n`);
        socket.write(half, () => held.push(socket));
      }),
    );
    const origin = await raw((socket) =>
      socket.on("data", (sent) => {
        const size = sent.includes("/large") ? half.length : 2;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        socket.write(half.subarray(0, size));
      }),
    );
    const client = clientOf();
    const ended: string[] = [];
    const first = [1, 2, 3, 4].map(() => client.send(get(holding)).then(() => ended.push("held")));
    await expect.poll(() => held.length).toBe(4);
    const fifth = client.send(get(origin, { path: "/large" })).then(() => ended.push("large"));
    await client.send(get(origin)).then(() => ended.push("usual"));
    for (const socket of held) socket.write(half);
    await Promise.all([...first, fifth]);
    expect(ended[0]).toBe("usual");
    expect(ended.indexOf("large")).toBeGreaterThan(ended.indexOf("held"));
  });
});

describe("the caller's signal", () => {
  const hanging: readonly [what: string, onSocket: (socket: Socket) => void][] = [
    ["never answers", () => undefined],
    ["stops in the middle of a body", (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")],
    [
      "drips",
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\nX: ");
        setInterval(() => socket.write("x"), 20).unref();
      },
    ],
  ];
  for (const [what, onSocket] of hanging) {
    test(`ends a request to a server that ${what}`, async () => {
      const origin = await raw((socket) => socket.once("data", () => onSocket(socket)));
      const error = await failure(clientOf().send(get(origin, { signal: AbortSignal.timeout(80) })));
      expect([error.id, error.message]).toEqual(["LK0030", `${new URL(origin).host} did not answer in time (TIMEOUT)`]);
    });
  }

  test("that is over before the request sends nothing", async () => {
    const server = await scripted(() => ({ body: "ok" }));
    expect((await failure(clientOf().send(get(server.url, { signal: AbortSignal.abort() })))).id).toBe("LK0030");
    expect(server.requests).toEqual([]);
  });
});

test("a refused connection and an unknown name say what to check", async () => {
  const refused = await failure(clientOf().send(get("http://user:CANARY@127.0.0.1:1")));
  expect(refused.describe()).toBe(
    "LK0030: no connection to 127.0.0.1:1 (ECONNREFUSED). Fix: check that the store runs and that this node may reach it",
  );
  const unknown = await failure(clientOf().send(get("http://no-such-name.invalid")));
  expect(unknown.describe()).toMatch(
    /^LK0030: the name no-such-name.invalid cannot be resolved \((ENOTFOUND|EAI_AGAIN)\). Fix: check the address, and/,
  );
});

test("a header that HTTP does not allow is refused without quoting it", async () => {
  const headers = { "x-vault-token": "CANARY\r\nx: y" };
  expect((await failure(clientOf().send(get("http://127.0.0.1:1", { headers })))).id).toBe("LK0037");
});

describe("TLS", () => {
  test("a server under the given CA is believed, also after the CA file changed", async () => {
    const [first, second] = [await createAuthority(), await createAuthority()];
    const one = await scripted(() => ({ body: "1" }), { tls: await first.issue() });
    const two = await scripted(() => ({ body: "2" }), { tls: await second.issue() });
    const directory = await mkdtemp(join(tmpdir(), "latchkey-"));
    cleanups.push(() => rm(directory, { recursive: true }));
    const caFile = join(directory, "ca.pem");
    await writeFile(caFile, first.caPem);
    const client = clientOf({ tls: { caFile } });
    expect((await client.send(get(one.url))).status).toBe(200);
    expect((await failure(client.send(get(two.url)))).id).toBe("LK0039");
    await writeFile(caFile, `${second.caPem}\n# changed\n`);
    expect((await client.send(get(two.url))).status).toBe(200);
    expect((await failure(client.send(get(one.url)))).id).toBe("LK0039");
    await rm(caFile);
    expect((await client.send(get(two.url))).status).toBe(200);
  });

  test("a certificate for another name is refused, and the server name setting mends it", async () => {
    const authority = await createAuthority();
    const server = await scripted(() => ({ body: "ok" }), { tls: await authority.issue(["vault.test"]) });
    const error = await failure(clientOf({ tls: { ca: authority.caPem } }).send(get(server.url)));
    expect(error.describe()).toBe(
      `LK0039: the certificate of ${new URL(server.url).host} is not trusted (ERR_TLS_CERT_ALTNAME_INVALID). Fix: use an address that the certificate names, or set the TLS server name`,
    );
    const named = clientOf({ tls: { ca: authority.caPem, serverName: "vault.test" } });
    expect((await named.send(get(server.url))).status).toBe(200);
  });

  test("an expired certificate is refused and told", async () => {
    const name = [{ name: "commonName", value: "127.0.0.1" }];
    const extensions = [{ name: "subjectAltName" as const, altNames: [{ type: 7 as const, ip: "127.0.0.1" }] }];
    const dates = { notBeforeDate: new Date(Date.now() - 9e7), notAfterDate: new Date(Date.now() - 1e6) };
    const made = await generate(name, { ...dates, extensions, keyType: "ec" });
    const server = await scripted(() => ({ body: "ok" }), { tls: { key: made.private, cert: made.cert } });
    const error = await failure(clientOf({ tls: { ca: made.cert } }).send(get(server.url)));
    expect([error.id, error.details.storeCode]).toEqual(["LK0039", "CERT_HAS_EXPIRED"]);
  });

  test("https to a server without TLS says so", async () => {
    const server = await scripted(() => ({ body: "ok" }));
    const error = await failure(clientOf().send(get(server.url.replace("http:", "https:"))));
    expect(error.describe()).toMatch(
      /^LK0030: no TLS connection to .* Fix: check that the server speaks TLS 1.2 or newer/,
    );
  });

  const broken = "-----BEGIN CERTIFICATE-----\nCANARY\n-----END CERTIFICATE-----";
  for (const [what, tls] of [
    ["a CA text without a certificate", { ca: "CANARY" }],
    ["a broken certificate", { ca: broken }],
    ["a CA file that is not there", { caFile: "/nonexistent/ca.pem" }],
    ["a CA file without a certificate", { caFile: "/dev/null" }],
  ] as const) {
    test(`${what} gives LK0020`, async () => {
      expect((await failure(clientOf({ tls }).send(get("https://127.0.0.1:1")))).id).toBe("LK0020");
    });
  }
});

describe("the address policy", () => {
  const addresses = createAddressPolicy([]);

  test("refuses an address before anything is sent, as literal and after DNS", async () => {
    const server = await scripted(() => ({ body: "ok" }));
    const { port } = new URL(server.url);
    const client = clientOf({ addresses });
    for (const host of ["127.0.0.1", "[::ffff:127.0.0.1]", "127.1", "localhost"]) {
      expect((await failure(client.send(get(`http://${host}:${port}`)))).id).toBe("LK0022");
    }
    const allowedName = clientOf({ addresses: { ...addresses, checkHost: () => undefined } });
    const error = await failure(allowedName.send(get(`http://localhost:${port}`)));
    expect([error.id, error.message]).toEqual([
      "LK0022",
      expect.stringMatching(/^the address localhost \((127.0.0.1|::1)\) is a loopback address, which/),
    ]);
    expect(server.requests).toEqual([]);
  });

  test("holds for redirects", async () => {
    const inner = await scripted(() => ({ body: "ok" }));
    const outer = await scripted(() => ({
      status: 307,
      headers: { location: inner.url.replace("127.0.0.1", "127.0.0.2") },
    }));
    const client = clientOf({ addresses: createAddressPolicy(["127.0.0.1"]) });
    expect((await failure(client.send(get(outer.url, { follow: true })))).id).toBe("LK0022");
    expect(inner.requests).toEqual([]);
  });
});

describe("a redirect", () => {
  test("is followed once with method, headers and body, where the caller wants it", async () => {
    const inner = await scripted(() => ({ body: "inner" }));
    const outer = await scripted(() => ({ status: 307, headers: { location: `${inner.url}/v1/y?z=1` } }));
    const client = clientOf();
    const request = get(outer.url, { method: "PUT", body: "b" });
    expect((await client.send(request)).status).toBe(307);
    expect(Buffer.from((await client.send({ ...request, follow: true })).body).toString()).toBe("inner");
    expect(inner.requests).toMatchObject([
      { method: "PUT", url: "/v1/y?z=1", body: "b", headers: { "x-vault-token": token } },
    ]);
  });

  for (const [what, location] of [
    ["to itself, without end", "/v1/x"],
    ["without a location", ""],
    ["to another scheme", "file:///etc/passwd"],
    ["to nonsense", "http://[CANARY"],
  ] as const) {
    test(`${what} gives LK0036`, async () => {
      const server = await scripted(() => ({ status: 302, headers: location === "" ? {} : { location } }));
      expect((await failure(clientOf().send(get(server.url, { follow: true })))).id).toBe("LK0036");
      expect(server.requests.length).toBeLessThan(3);
    });
  }

  test("from https to http gives LK0036", async () => {
    const authority = await createAuthority();
    const inner = await scripted(() => ({ body: "ok" }));
    const outer = await scripted(() => ({ status: 301, headers: { location: inner.url } }), {
      tls: await authority.issue(),
    });
    const client = clientOf({ tls: { ca: authority.caPem } });
    expect((await failure(client.send(get(outer.url, { follow: true })))).id).toBe("LK0036");
    expect(inner.requests).toEqual([]);
  });
});

test("Retry-After is read as seconds or a date, never negative, at most a day", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const read = (value?: string) => parseRetryAfter(value, now);
  expect([undefined, "soon", "3", " 0 ", "999999999999", "-1"].map(read)).toEqual([
    undefined,
    undefined,
    3000,
    0,
    86_400_000,
    0,
  ]);
  expect(read("Thu, 01 Jan 2026 00:00:10 GMT")).toBe(10_000);
  expect(read("Wed, 31 Dec 2025 00:00:10 GMT")).toBe(0);
});
