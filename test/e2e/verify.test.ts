import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runChild } from "../servers/child.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let bao: OpenBao;
let postgres: Postgres;
let directory: string;
let node: TestNode;

beforeAll(async () => {
  [issuer, bao, postgres] = await Promise.all([
    createTokenIssuer(),
    startOpenBao(),
    startPostgres({ password: "super-one" }),
  ]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-verify-"));
  await chmod(directory, 0o700);
  await putKv2(bao, "db", { user: "app", password: "app-one" });
  await sql("DROP ROLE IF EXISTS app");
  await sql("CREATE ROLE app LOGIN PASSWORD 'app-one'");
});

afterEach(async () => {
  await node.stop();
  await rm(directory, { recursive: true, force: true });
});

afterAll(async () => {
  await bao?.stop();
  await postgres?.stop();
});

async function sql(text: string): Promise<void> {
  const server = `postgresql://postgres:super-one@${postgres.host}:${postgres.port}/postgres`;
  await runChild({ command: postgres.psql, args: [server, "-c", text] });
}

async function start(flags: Readonly<Record<string, string>> = { verify: "true" }): Promise<void> {
  node = await startNode({
    issuer,
    flags: async (own) => {
      await writeFile(join(own, "key"), "k".repeat(32));
      const kept = { cacheDir: directory, cacheKeyFile: join(own, "key"), allowDiskCache: "true" };
      return { allowAddress: "127.0.0.1", ...kept, ...flags };
    },
  });
}

/** The password that a pod gets. */
async function mount(name: string, more = ""): Promise<string> {
  const target = `kind: postgres, host: ${postgres.host}, port: ${postgres.port}, database: postgres, tls: off`;
  const parameters = {
    stores: `vault: { kind: vault, address: "${bao.address}", role: all, refresh: 0s }`,
    secrets: `
- store: vault
  name: secret/data/db
  verify: { ${target}, user: { key: user }, password: { key: password } }
  files: [{ path: password, key: password }]
${more}`,
  };
  const pod = { name, uid: `uid-${name}` };
  const { target: at } = await node.publish({ provider: "latchkey", parameters, audiences: ["vault"], pod });
  return await readFile(join(at, "password"), "utf8");
}

const told = () => node.log.filter(({ msg }) => String(msg).includes("credential")).map(({ msg, code }) => [msg, code]);

const held = ["new credential is refused by its target; pods keep the old one", "28P01"];
const released = ["new credential is let in by its target now; pods get it", undefined];

describe("a password that is in the store before the database knows it", () => {
  it("stays away from every pod, over a restart too, until the database lets it in", async () => {
    await start();
    expect(await mount("a")).toBe("app-one");
    await putKv2(bao, "db", { user: "app", password: "app-two" });
    expect([await mount("a"), await mount("b"), await mount("a")]).toEqual(["app-one", "app-one", "app-one"]);
    expect(told()).toEqual([held]);
    await node.stop();
    await start();
    expect([await mount("a"), await mount("b")]).toEqual(["app-one", "app-one"]);
    await sql("ALTER ROLE app PASSWORD 'app-two'");
    expect([await mount("a"), await mount("b")]).toEqual(["app-two", "app-two"]);
    expect(told()).toEqual([released]);
    expect(JSON.stringify(node.log)).not.toMatch(/app-(?:one|two)/);
  });

  it("comes with verifyHold, loudly, where the database never lets it in", async () => {
    await start();
    const soon = "  verifyHold: 1ms\n";
    expect(await mount("a", soon)).toBe("app-one");
    await putKv2(bao, "db", { user: "app", password: "app-two" });
    expect(await mount("a", soon)).toBe("app-one");
    await expect.poll(() => mount("a", soon), { timeout: 30_000 }).toBe("app-two");
    const over = "new credential is not let in by its target, and verifyHold is over; pods get it all the same";
    expect(told()).toEqual([held, [over, "28P01"]]);
  });

  it("is told of as not tried where the operator does not allow it, and comes at once", async () => {
    await start({});
    expect(await mount("a")).toBe("app-one");
    await putKv2(bao, "db", { user: "app", password: "app-two" });
    expect(await mount("a")).toBe("app-two");
    const warnings = node.log.flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
    expect(new Set(warnings)).toEqual(
      new Set(["secrets[0]: new values are not tried, for the operator has not set --verify"]),
    );
  });
});
