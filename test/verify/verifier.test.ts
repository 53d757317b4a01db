import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createMysqlServer } from "mysql2";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { parseKeyPath } from "../../src/formats/key-path.ts";
import type { VerifyTarget, VerifyText } from "../../src/plan/verify.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Secret } from "../../src/stores/store.ts";
import { Verifier } from "../../src/verify/verifier.ts";
import { runChild } from "../servers/child.ts";
import { freePort } from "../servers/free-port.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";

const options = {
  addresses: createAddressPolicy(["127.0.0.1"]),
  timeout: 20_000,
  atOnce: 8,
  mostBytes: 192 * 1024 ** 2,
};

let verifier: Verifier;
let postgres: Postgres;

beforeAll(async () => {
  verifier = new Verifier(options);
  postgres = await startPostgres({ password: "super-one" });
  await sql("CREATE ROLE app LOGIN PASSWORD 'app-one'; CREATE ROLE gone NOLOGIN PASSWORD 'app-one'");
  await sql("CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
});

afterAll(async () => {
  verifier.close();
  await postgres.stop();
});

async function sql(text: string): Promise<void> {
  const { psql, host, port } = postgres;
  for (const each of text.split("; ")) {
    const server = `postgresql://postgres:super-one@${host}:${port}/postgres`;
    await runChild({ command: psql, args: [server, "-c", each] });
  }
}

function secretOf(value: unknown): Secret {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(value)));
  return { value: new Redacted(bytes) } as unknown as Secret;
}

const texts = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, text]): [string, VerifyText] => [name, { text }]));

const keyOf = (text: string): VerifyText => ({ steps: [{ kind: "key", path: parseKeyPath(text), text }] });

type Done = (error: unknown, refusal?: { readonly message: string; readonly code: number }) => void;

/** The proof of a password by `mysql_native_password` (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html). */
function tokenOf(password: string, ...salt: readonly (Buffer | undefined)[]): Buffer {
  const sha1 = (...parts: readonly Buffer[]) => createHash("sha1").update(Buffer.concat(parts)).digest();
  const once = sha1(Buffer.from(password));
  const seed = Buffer.concat(salt.filter((part) => part !== undefined)).subarray(0, 20);
  const mask = sha1(seed, sha1(once));
  return Buffer.from(once.map((byte, at) => byte ^ (mask[at] ?? 0)));
}

const owner = { namespace: "shop", login: "one" };

/** What a target of loopback says of a secret's password, as `verdict code`. */
async function tries(
  kind: VerifyTarget["kind"],
  fields: Readonly<Record<string, string>>,
  secret: Readonly<Record<string, unknown>>,
  { by = verifier, ...more }: Partial<VerifyTarget> & { readonly by?: Verifier } = {},
): Promise<string> {
  const credential = kind === "http" && "token" in secret ? { token: keyOf("token") } : { password: keyOf("password") };
  const target: VerifyTarget = { kind, tls: "off", fields: { ...texts(fields), ...credential }, ...more };
  const tried = await by.try({ targets: [target], hold: 1 }, secretOf(secret), owner, AbortSignal.timeout(30_000));
  return tried.code === undefined ? tried.verdict : `${tried.verdict} ${tried.code}`;
}

/** A server on loopback of a test's own. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

describe("a credential that is tried at PostgreSQL", () => {
  const at = (more: Readonly<Record<string, string>> = {}) => ({
    ...{ host: postgres.host, port: String(postgres.port), user: "app", database: "postgres" },
    ...more,
  });

  it("is let in, and refused by the server's own word", async () => {
    expect(await tries("postgres", at(), { password: "app-one" })).toBe("ok");
    expect(await tries("postgres", at(), { password: "app-two" })).toBe("refused 28P01");
    expect(await tries("postgres", at({ user: "nobody" }), { password: "app-one" })).toBe("refused 28P01");
    expect(await tries("postgres", at({ user: "gone" }), { password: "app-one" })).toBe("refused 28000");
    expect(await tries("postgres", at({ database: "none" }), { password: "app-one" })).toBe("refused 3D000");
    expect(await tries("postgres", at({ database: "closed" }), { password: "app-one" })).toBe("refused 42501");
  });

  it("is let in from the moment on that the database knows it", async () => {
    expect(await tries("postgres", at(), { password: "app-three" })).toBe("refused 28P01");
    await sql("ALTER ROLE app PASSWORD 'app-three'");
    expect(await tries("postgres", at(), { password: "app-three" })).toBe("ok");
    await sql("ALTER ROLE app PASSWORD 'app-one'");
  });

  it("is not tried where nobody listens, where there is no room, and where there is no TLS", async () => {
    expect(await tries("postgres", at({ port: String(await freePort()) }), { password: "app-one" })).toBe(
      "unreachable ECONNREFUSED",
    );
    await sql("ALTER ROLE app CONNECTION LIMIT 0");
    expect(await tries("postgres", at(), { password: "app-one" })).toBe("unreachable 53300");
    await sql("ALTER ROLE app CONNECTION LIMIT -1");
    expect(await tries("postgres", at(), { password: "app-one" }, { tls: "verify" })).toBe("unreachable FAILED");
  });

  it("takes every part from the secret where the class says so", async () => {
    const fields = {
      host: keyOf("at.host"),
      port: keyOf("at.port"),
      user: keyOf("user"),
      database: { text: "postgres" },
    };
    const secret = { at: { host: postgres.host, port: postgres.port }, user: "app", password: "app-one" };
    expect(await tries("postgres", {}, secret, { fields: { ...fields, password: keyOf("password") } })).toBe("ok");
    const without = { ...secret, at: {} };
    expect(await tries("postgres", {}, without, { fields: { ...fields, password: keyOf("password") } })).toBe(
      "unreachable LK0035",
    );
  });

  it("goes to no address that a SecretProviderClass may not choose", async () => {
    const strict = new Verifier({ ...options, addresses: createAddressPolicy([]) });
    onTestFinished(() => strict.close());
    const by = { by: strict };
    expect(await tries("postgres", at(), { password: "app-one" }, by)).toBe("unreachable LK0022");
    expect(await tries("postgres", at({ host: "localhost" }), { password: "app-one" }, by)).toBe("unreachable LK0022");
    expect(await tries("postgres", at({ host: "169.254.169.254" }), { password: "app-one" }, by)).toBe(
      "unreachable LK0022",
    );
  });
});

describe("a credential that is tried at MySQL", () => {
  /** The client's own server: it lets `app` in with `app-one`, and says of others what MariaDB 10.11 says. */
  async function mysql(refusal = { message: "Access denied", code: 1045 }): Promise<string> {
    const port = await freePort();
    const server = createMysqlServer((connection) => {
      connection.on("error", () => undefined);
      connection.serverHandshake({
        ...{ protocolVersion: 4, serverVersion: "10.11.0-MariaDB", connectionId: 1, statusFlags: 2, characterSet: 8 },
        capabilityFlags: 0x00ff_f7ff & ~0x0800,
        authCallback: ({ authPluginData1, authPluginData2, authToken }: Record<string, Buffer>, done: Done) => {
          const known = tokenOf("app-one", authPluginData1, authPluginData2);
          done(null, authToken !== undefined && known.equals(authToken) ? undefined : refusal);
        },
      } as never);
    });
    (server as unknown as { listen(port: number, host: string): void }).listen(port, "127.0.0.1");
    await once((server as unknown as { readonly _server: Server })._server, "listening");
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return String(port);
  }

  it("is let in, refused, or not tried", async () => {
    const at = { host: "127.0.0.1", user: "app" };
    const port = await mysql();
    expect(await tries("mysql", { ...at, port }, { password: "app-one" })).toBe("ok");
    expect(await tries("mysql", { ...at, port }, { password: "app-two" })).toBe("refused ER_ACCESS_DENIED_ERROR");
    const full = await mysql({ message: "Too many connections", code: 1040 });
    expect(await tries("mysql", { ...at, port: full }, { password: "app-two" })).toBe("unreachable ER_CON_COUNT_ERROR");
    const locked = await mysql({ message: "Access denied, this account is locked", code: 4151 });
    expect(await tries("mysql", { ...at, port: locked }, { password: "app-two" })).toBe(
      "refused ER_ACCOUNT_HAS_BEEN_LOCKED",
    );
    expect(await tries("mysql", { ...at, port }, { password: "app-one" }, { tls: "verify" })).toBe(
      "unreachable TLS_NEEDS_NAME",
    );
  });
});

describe("a credential that is tried at Redis", () => {
  /** Answers AUTH as Redis 7.0.15 does, and nothing else. */
  async function redis(answers: (auth: readonly string[]) => string): Promise<string> {
    return await listening(
      createServer((socket) => {
        socket.on("error", () => undefined);
        socket.on("data", (data) => {
          const words = data
            .toString()
            .split("\r\n")
            .filter((word) => !/^[*$]/.test(word) && word !== "");
          socket.write(answers(words));
        });
      }),
    );
  }

  it("is let in, refused, or not tried", async () => {
    const wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
    const port = await redis((words) =>
      words.slice(0, 3).join(" ") === "AUTH default app-one" ||
      words.slice(0, 2).join(" ") === "AUTH app-one" ||
      words.slice(0, 3).join(" ") === "AUTH app app-one"
        ? "+OK\r\n"
        : wrong,
    );
    const at = { host: "127.0.0.1", port };
    expect(await tries("redis", at, { password: "app-one" })).toBe("ok");
    expect(await tries("redis", { ...at, user: "app" }, { password: "app-one" })).toBe("ok");
    expect(await tries("redis", at, { password: "app-two" })).toBe("refused WRONGPASS");
    const full = await redis(() => "-ERR max number of clients reached\r\n");
    expect(await tries("redis", { ...at, port: full }, { password: "app-one" })).toBe("unreachable FAILED");
    const old = await redis(() => "-ERR invalid password\r\n");
    expect(await tries("redis", { ...at, port: old }, { password: "app-one" })).toBe("refused ERR");
  });
});

describe("a credential that is tried by HTTP", () => {
  const right = `Basic ${Buffer.from("app:app-one").toString("base64")}`;

  async function http(): Promise<string> {
    const server = createHttpServer((request, response) => {
      const { authorization, "x-api-key": key } = request.headers;
      const isIn = authorization === right || authorization === "Bearer app-one" || key === "app-one";
      const status = request.url === "/moved" ? 302 : request.url === "/broken" ? 500 : isIn ? 200 : 401;
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("x".repeat(100));
    });
    return `http://127.0.0.1:${await listening(server)}`;
  }

  it("is let in by user and password, by token, and by a header of its own", async () => {
    const url = `${await http()}/health`;
    expect(await tries("http", { url, user: "app" }, { password: "app-one" })).toBe("ok");
    expect(await tries("http", { url, user: "app" }, { password: "app-two" })).toBe("refused 401");
    expect(await tries("http", { url }, { token: "app-one" })).toBe("ok");
    expect(await tries("http", { url, header: "X-Api-Key" }, { token: "app-one" })).toBe("ok");
    expect(await tries("http", { url, header: "X-Api-Key" }, { token: "app-two" })).toBe("refused 401");
    expect(await tries("http", { url }, { token: "no\nheader" })).toBe("unreachable FAILED");
  });

  it("is judged by the codes that the class lists; others than 401 and 403 say nothing of it", async () => {
    const url = await http();
    expect(await tries("http", { url: `${url}/broken` }, { token: "app-one" })).toBe("unreachable 500");
    expect(await tries("http", { url: `${url}/moved` }, { token: "app-one" })).toBe("unreachable 302");
    expect(await tries("http", { url: `${url}/moved` }, { token: "app-one" }, { status: [302] })).toBe("ok");
  });
});

describe("the process that tries credentials", () => {
  const silent = () => listening(createServer((socket) => socket.on("error", () => undefined).resume()));

  it("gives up on a target that says nothing", async () => {
    const hasty = new Verifier({ ...options, timeout: 3_000 });
    onTestFinished(() => hasty.close());
    const at = { host: "127.0.0.1", port: await silent(), user: "app" };
    for (const kind of ["postgres", "mysql", "redis"] as const) {
      expect(await tries(kind, at, { password: "app-one" }, { by: hasty })).toBe("unreachable ETIMEDOUT");
    }
  });

  it("ends with a target that sends without end, and is there again for the next", async () => {
    const chunk = Buffer.alloc(1024 ** 2);
    const pour = (socket: Socket): void => {
      if (socket.write(chunk)) setImmediate(() => pour(socket));
      else socket.once("drain", () => pour(socket));
    };
    // An answer to a login whose length is 2 GiB.
    const start = Buffer.concat([Buffer.from("R"), Buffer.from([0x7f, 0xff, 0xff, 0xff])]);
    const port = await listening(
      createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => {
          socket.write(start);
          pour(socket);
        });
      }),
    );
    expect(await tries("postgres", { host: "127.0.0.1", port, user: "app" }, { password: "app-one" })).toBe(
      "unreachable ENDED",
    );
    const at = { host: postgres.host, port: String(postgres.port), user: "app", database: "postgres" };
    expect(await tries("postgres", at, { password: "app-one" })).toBe("ok");
  });

  it("is no namespace's alone: one whose targets say nothing keeps others from nothing", async () => {
    const shared = new Verifier({ ...options, timeout: 60_000 });
    const port = await silent();
    const target: VerifyTarget = {
      kind: "redis",
      tls: "off",
      fields: texts({ host: "127.0.0.1", port, password: "x" }),
    };
    const gone = new AbortController();
    const hog = { namespace: "hog", login: "hog" };
    const hung = Array.from({ length: 40 }, () =>
      shared.try({ targets: [target], hold: 1 }, secretOf({}), hog, gone.signal),
    );
    const at = { host: postgres.host, port: String(postgres.port), user: "app", database: "postgres" };
    expect(await tries("postgres", at, { password: "app-one" }, { by: shared })).toBe("ok");
    gone.abort();
    shared.close();
    const verdicts = (await Promise.all(hung)).map(({ verdict }) => verdict);
    expect(new Set(verdicts)).toEqual(new Set(["unreachable"]));
  });

  it("tries several at once", async () => {
    const at = { host: postgres.host, port: String(postgres.port), user: "app", database: "postgres" };
    const all = Array.from({ length: 12 }, (_, index) =>
      tries("postgres", at, { password: index % 2 === 0 ? "app-one" : "app-two" }),
    );
    expect(await Promise.all(all)).toEqual(all.map((_, index) => (index % 2 === 0 ? "ok" : "refused 28P01")));
  });
});
