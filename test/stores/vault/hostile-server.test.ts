import type { Socket } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import { ProviderError } from "../../../src/errors.ts";
import type { CallContext, Session } from "../../../src/stores/store.ts";
import { createVaultStore } from "../../../src/stores/vault/index.ts";
import type { VaultRef, VaultSearch } from "../../../src/stores/vault/types.ts";
import fc from "../../property.ts";
import { scaled } from "../../scale.ts";
import { type RawServer, rawAnswer, startRaw } from "../../servers/raw-http.ts";
import { outcomesOf } from "../outcomes.ts";
import { identity } from "./scripted-vault.ts";

const secret = "CANARY-value";
const metadata = '{"version":1,"created_time":"2026-01-01T00:00:00Z"}';
const good = `{"data":{"data":{"a":"${secret}"},"metadata":${metadata}},"auth":{"client_token":"s.CANARY-token","lease_duration":3600}}`;
const json = (status: number, body: string | Buffer, ...headers: string[]) => rawAnswer(status, body, headers);
const text = (bytes: string) => Buffer.from(bytes, "latin1");
const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const MiB = 1024 * 1024;

/** Writes until the client has had enough. */
function flood(socket: Socket, total: number, piece: Buffer): void {
  let left = total;
  const fill = () => {
    while (!socket.destroyed && left > 0) {
      left -= piece.length;
      if (!socket.write(piece)) return void socket.once("drain", fill);
    }
    socket.end();
  };
  fill();
}

type Play = Buffer | ((socket: Socket) => void);

const drip = (head: string) => (socket: Socket) => {
  socket.write(head);
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write("x")), 10);
};

/** Answers that no honest server gives, for the login as for a read: each fails, and none ends the process. */
const wrong: readonly [what: string, play: Play][] = [
  ["nothing", (socket) => socket.end()],
  ["a reset", (socket) => socket.resetAndDestroy()],
  ["silence", () => undefined],
  ["garbage", text("CANARY\u0000\u0001\u0002\r\n\r\n")],
  ["half a status line", text("HTTP/1.1 2")],
  ["a status of no number", text("HTTP/1.1 OK CANARY\r\n\r\n")],
  ["a status of 0", text("HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n")],
  ["a status of 999", json(999, "CANARY")],
  ["another protocol", text("SSH-2.0-CANARY\r\n")],
  ["HTTP/2's preface", text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
  ["TLS", Buffer.from("15030300020228", "hex")],
  ["204", text("HTTP/1.1 204 No\r\n\r\n")],
  ["204 with a body", text(`HTTP/1.1 204 No\r\nContent-Length: ${good.length}\r\n\r\n${good}`)],
  ["205", json(205, "")],
  ["an empty body", json(200, "")],
  ["white space", json(200, " \r\n\t ")],
  ["{}", json(200, "{}")],
  ['{"errors":[]}', json(200, '{"errors":[]}')],
  ["only errors", json(200, '{"errors":["CANARY"]}')],
  ["errors beside data", json(200, `{"errors":null,"a":"${secret}"}`)],
  ["auth and data that are null", json(200, '{"data":null,"auth":null,"request_id":"CANARY"}')],
  ["auth and data of wrong types", json(200, '{"data":[1],"auth":"CANARY"}')],
  [
    "a duplicate key that spoils the first",
    json(200, `{"data":{"a":1},"auth":{"client_token":"CANARY"},"data":7,"auth":7}`),
  ],
  ["a truncated document", json(200, good.slice(0, -9))],
  ["a document twice", json(200, `${good}${good}`)],
  ["a byte order mark", json(200, `\ufeff${good}`)],
  ["single quotes", json(200, good.replaceAll('"', "'"))],
  ["a comment", json(200, `/* CANARY */${good}`)],
  ["NaN", json(200, `{"data":NaN,"auth":NaN}`)],
  ["a number of a million digits", json(200, `{"lease_duration":${"9".repeat(MiB)},"data":{}}`)],
  ["UTF-16", json(200, Buffer.from(good, "utf16le"))],
  ["9,999 levels of lists", json(200, nested("[", "]", 9_999))],
  ["100,000 levels of objects", json(200, nested('{"a":', "}", 100_000))],
  ["gzip that nobody asked for", json(200, gzipSync(good), "Content-Encoding: gzip")],
  ["a body shorter than its length", text(`HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${good}`)],
  ["two different lengths", text(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nCANARY`)],
  ["a negative length", text("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nCANARY")],
  [
    "length and chunks at once",
    text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  ],
  ["chunks that are none", text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nCANARY")],
  ["a chunk too long", text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nCANARY")],
  ["chunks without an end", text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nCANARY\r\n")],
  [
    "chunks with a bomb of extensions",
    text(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(99_999)}\r\n`),
  ],
  ["a header bomb", text(`HTTP/1.1 200 OK\r\nX: ${"CANARY".repeat(20_000)}\r\n\r\n`)],
  ["headers without end", text(`HTTP/1.1 200 OK\r\n${"X: CANARY\r\n".repeat(10_000)}`)],
  ["a header of control characters", text("HTTP/1.1 200 OK\r\nX\u0000: CANARY\r\n\r\n")],
  ["a folded header", text("HTTP/1.1 200 OK\r\nX: a\r\n CANARY\r\n\r\n")],
  ["a switch of protocols", text("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nCANARY")],
  ["100 and no more", text("HTTP/1.1 100 Continue\r\n\r\n")],
  ["103 without end", drip("HTTP/1.1 103 Early\r\nX: ")],
  ["a head that drips", drip("HTTP/1.1 200 OK\r\nX: ")],
  ["a body that drips", drip("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{")],
  [
    "100 MiB",
    (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${100 * MiB}\r\n\r\n`);
      flood(socket, 100 * MiB, Buffer.alloc(MiB / 4, "x"));
    },
  ],
  [
    "100 MiB in chunks",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      flood(socket, 100 * MiB, text(`10000\r\n${"x".repeat(65_536)}\r\n`));
    },
  ],
  ["300", json(300, good, "Location: /v1/CANARY")],
  ["303", json(303, "", "Location: /v1/x")],
  ["304", text("HTTP/1.1 304 Not\r\n\r\n")],
  ["308", json(308, "", "Location: /v1/x")],
  ["a redirect without a place", json(307, "")],
  ["a redirect to itself, for ever", json(307, "", "Location: ?again=1")],
  ["two redirects", json(302, "", "Location: /v1/one/more")],
  ["a redirect to nonsense", json(307, "", "Location: http://[CANARY")],
  ["a redirect to another scheme", json(307, "", "Location: file:///etc/passwd")],
  ["a redirect to a refused host", json(307, "", "Location: http://169.254.169.254/CANARY")],
  ["a redirect with two places", json(307, "", "Location: /a", "Location: /b")],
  ["408", json(408, "CANARY")],
  ["429 with a Retry-After of nonsense", json(429, '{"errors":["slow"]}', "Retry-After: CANARY")],
  ["500 with a page", json(500, "<html>CANARY</html>", "Content-Type: text/html")],
  ["500 with errors of all types", json(500, '{"errors":[1,null,{"a":"CANARY"},["x"],true]}')],
  [
    "500 with invalid UTF-8",
    json(500, Buffer.concat([Buffer.from('{"errors":["'), Buffer.from([0xff, 0xc0]), Buffer.from('"]}')])),
  ],
];

let server: RawServer;
let store: ReturnType<typeof createVaultStore>;
beforeAll(async () => {
  server = await startRaw();
  store = createVaultStore({ addresses: createAddressPolicy(["127.0.0.1"]), concurrency: 4 });
});
afterAll(async () => {
  await store.shutdown();
  await server.stop();
});

const context = (ms = 5000): CallContext => ({ signal: AbortSignal.timeout(ms), count: () => undefined });
const play = (what: Play) => (_: unknown, socket: Socket) =>
  void (typeof what === "function" ? what(socket) : socket.write(what));
const honest = () => server.answerWith(play(json(200, good)));

async function open(ms?: number): Promise<Session<VaultRef, VaultSearch>> {
  const settings = store.settings("pod").parse({ address: server.url, role: "shop" });
  return store.open({ identity, settings, found: new Map(), context: context(ms) });
}

/** The error of what must fail, with nothing secret in it; undefined where it went well. */
function judge(thrown: unknown): ProviderError {
  expect(thrown).toBeInstanceOf(ProviderError);
  const error = thrown as ProviderError;
  expect(error.id).not.toBe("LK0001");
  expect(`${inspect(error, { depth: 9 })} ${error.describe()} ${error.stack}`).not.toContain("CANARY");
  return error;
}

async function read(session: Session<VaultRef, VaultSearch>, ms?: number, method = "GET"): Promise<string> {
  const [outcome] = await outcomesOf(session, [store.ref.parse({ name: "secret/data/db", method })], context(ms));
  if (outcome?.ok === false) return judge(outcome.error).id;
  return Buffer.from(outcome?.ok === true ? outcome.secret.value.reveal() : "").toString();
}

const value = `{"a":"${secret}"}`;

describe(`a hostile server (${wrong.length} kinds of answer)`, () => {
  for (const [what, answer] of wrong) {
    test(`that answers ${what} is an error at login, read and write, and forgotten after it`, async () => {
      honest();
      const session = await open();
      server.answerWith(play(answer));
      const opening = await open(150).catch((thrown: unknown) => thrown);
      judge(opening);
      expect(await read(session, 150)).toMatch(/^LK00/);
      expect(await read(session, 150, "PUT")).toMatch(/^LK00/);
      honest();
      expect(await read(session)).toBe(value);
      expect(await read(await open())).toBe(value);
    });
  }

  const odd: readonly [what: string, answer: Buffer][] = [
    ["100 before the answer", Buffer.concat([text("HTTP/1.1 100 Continue\r\n\r\n"), json(200, good)])],
    ["hints before the answer", Buffer.concat([text("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"), json(200, good)])],
    ["duplicate keys, the last of which counts", json(200, good.replace("{", '{"data":7,"auth":7,'))],
    ["names in any case", json(200, good.replace('"data"', '"DATA"').replace('"auth"', '"Auth"'))],
    ["201", json(201, good)],
    ["a body without a length", text(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${good}`)],
    ["a wrong content type", json(200, good, "Content-Type: image/png")],
  ];
  for (const [what, answer] of odd) {
    test(`that answers with ${what} is understood`, async () => {
      const ends = what.includes("without a length");
      server.answerWith((_, socket) => void (ends ? socket.end(answer) : socket.write(answer)));
      expect(await read(await open())).toBe(value);
    });
  }

  test("that writes broken UTF-8 into a value gets it replaced, as in Go", async () => {
    const body = Buffer.concat([Buffer.from('{"data":{"a":"'), Buffer.from([0xff]), Buffer.from('"}}')]);
    honest();
    const session = await open();
    server.answerWith(play(json(200, body)));
    expect(await read(session)).toBe('{"a":"\ufffd"}');
  });
});

describe("whatever a server answers", () => {
  const scalar = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string(),
    fc.constant("CANARY"),
    fc.bigInt(),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("node")), fc.dictionary(fc.string(), tie("node"))),
  })).node;
  const fields = fc.record(
    {
      request_id: tree,
      lease_id: tree,
      lease_duration: tree,
      renewable: tree,
      warnings: tree,
      wrap_info: tree,
      // What stands in `errors` is the server's message, and shown.
      errors: fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
      data: fc.oneof(tree, fc.record({ data: tree, metadata: tree, certificate: tree, expiration: tree })),
      auth: fc.oneof(
        tree,
        fc.record({ client_token: tree, lease_duration: tree, metadata: tree, renewable: tree, token_type: tree }),
      ),
    },
    { requiredKeys: [] },
  );
  const write = (json: unknown) =>
    JSON.stringify(json, (_, part) => (typeof part === "bigint" ? Number(part) : part)) ?? "";
  const body = fc.oneof(
    fields.map(write),
    tree.map(write),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  const status = fc.constantFrom(200, 200, 200, 201, 204, 301, 400, 403, 404, 412, 429, 472, 500, 502, 503);

  test("login, read, write, renewal and close end in values or errors of ours, and quote nothing", async () => {
    await fc.assert(
      fc.asyncProperty(body, status, async (answer, code) => {
        honest();
        const session = await open();
        server.answerWith(play(json(code, code === 204 ? "" : answer)));
        const opened = await open().catch(judge);
        for (const method of ["GET", "PUT"]) await read(session, 5000, method);
        await session.renew?.(context()).catch(judge);
        await session.close();
        if (!(opened instanceof ProviderError)) await opened.close();
        honest();
        expect(await read(session)).toBe(value);
      }),
      { numRuns: scaled(150) },
    );
  });
});
