import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";
import { runToEnd } from "./process.ts";

let bao: OpenBao;
let node: TestNode;
let socket: string;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  bao = await startOpenBao();
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await putKv2(bao, "db", { password: "hunter2" });
  await putKv2(bao, "api", { key: "hunter2" });
  node = await startNode({
    issuer,
    flags: async (directory) => {
      socket = join(directory, "admin/latchkey.sock");
      return { allowAddress: "127.0.0.1", adminSocket: socket };
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await bao?.stop();
});

async function mount(name: string, namespace: string) {
  const objects = `- { objectName: a, secretPath: secret/data/${name} }`;
  const parameters = { vaultAddress: bao.address, roleName: "all", objects };
  return await node.publish({
    provider: "vault",
    parameters,
    audiences: ["vault"],
    pod: { namespace, uid: `${namespace}-${name}` },
  });
}

async function latchkey(...args: readonly string[]) {
  return await runToEnd(["cache", ...args], { env: { LATCHKEY_ADMIN_SOCKET: socket } });
}

describe("latchkey cache", () => {
  it("lists whose secrets are kept, their ages and hits, never a value", async () => {
    await mount("db", "shop");
    await mount("api", "shop");
    await mount("db", "web");
    await mount("db", "web");
    const { code, output } = await latchkey("ls");
    expect(code).toBe(0);
    const rows = output
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/).map((cell) => cell.replace(/^\d+s$/, "<age>").replace(/^\d{3,}$/, "<bytes>")));
    expect(rows).toEqual([
      ["NAMESPACE", "SERVICEACCOUNT", "STORE", "NAME", "PLACE", "AGE", "HITS", "BYTES", "KIND"],
      ["shop", "payments", "vault", "secret/data/api", bao.address, "<age>", "1", "<bytes>", "kept"],
      ["shop", "payments", "vault", "secret/data/db", bao.address, "<age>", "1", "<bytes>", "kept"],
      ["web", "payments", "vault", "secret/data/db", bao.address, "<age>", "2", "<bytes>", "kept"],
    ]);
    const json = await latchkey("ls", "--json");
    expect(JSON.parse(json.output).length).toBe(3);
    expect(`${output}${json.output}`).not.toContain("hunter2");
  });

  it("drops what fits every given word, and the next mount asks the store", async () => {
    const dropped = await latchkey("drop", "--namespace", "shop", "--name", "secret/data/db");
    expect(dropped).toEqual({ code: 0, output: "dropped 1 entry; the next mount asks the store\n" });
    await mount("db", "shop");
    expect(node.mounts().at(-1)).toMatchObject({ fetched: 1, cached: 0 });
    expect((await latchkey("drop", "--store", "vault")).output).toBe(
      "dropped 3 entries; the next mount asks the store\n",
    );
    expect((await latchkey("drop", "--all")).output).toBe("dropped 0 entries; the next mount asks the store\n");
  });

  it("expires what fits every given word: the next mount asks the store, and in an outage the value is there", async () => {
    await mount("db", "shop");
    await mount("db", "web");
    expect(await latchkey("expire", "--namespace", "shop")).toEqual({
      code: 0,
      output: "expired 1 entry; the next mount asks the store, and it stays for an outage\n",
    });
    await mount("db", "web");
    expect(node.mounts().at(-1)).toMatchObject({ fetched: 0, cached: 1 });
    await mount("db", "shop");
    expect(node.mounts().at(-1)).toMatchObject({ fetched: 1, cached: 0 });
    expect((await latchkey("expire", "--all")).output).toContain(
      "expired 2 entries; the next mount asks the store, and they stay",
    );
    await bao.seal();
    await mount("db", "shop");
    expect(node.mounts().at(-1)).toMatchObject({ stale: 1 });
    await bao.unseal();
  });

  it("says how it is used where it is used wrongly", async () => {
    expect(await latchkey("drop")).toEqual({
      code: 2,
      output:
        "latchkey: cache drop: choose entries with --namespace, --service-account, --store, --name, --place or --all\n",
    });
    const lost = await runToEnd(["cache", "ls", "--admin-socket", "/nowhere.sock"]);
    expect([lost.code, lost.output]).toEqual([
      2,
      expect.stringContaining("--admin-socket: Latchkey does not answer at /nowhere.sock (ENOENT)"),
    ]);
    const unknown = await runToEnd(["cache", "ls"]);
    expect([unknown.code, unknown.output]).toEqual([
      2,
      expect.stringContaining("--admin-socket: missing; give the path"),
    ]);
  });

  it("has a socket that only its user can reach", async () => {
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect((await stat(join(socket, ".."))).mode & 0o777).toBe(0o700);
    const open = join(node.directory, "open");
    await mkdir(open);
    await chmod(open, 0o755);
    const refused = await runToEnd([
      "serve",
      "--socket-dir",
      node.directory,
      "--version-key",
      "ephemeral",
      "--admin-socket",
      join(open, "a.sock"),
    ]);
    expect([refused.code, refused.output]).toEqual([2, expect.stringContaining("others can reach it")]);
  });
});
