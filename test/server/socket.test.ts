import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publishSocket, withdrawSocket } from "../../src/server/socket.ts";

let directory: string;
let servers: Server[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-"));
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(directory, { recursive: true, force: true });
});

async function listen(path: string): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

describe("socket file", () => {
  it("appears with mode 0600 and leaves nothing beside it", async () => {
    const path = join(directory, "vault.sock");
    await publishSocket(path, listen);
    const found = await stat(path);
    expect([found.isSocket(), found.mode & 0o777]).toEqual([true, 0o600]);
    expect(await readdir(directory)).toEqual(["vault.sock"]);
  });

  it("replaces a stale one", async () => {
    const path = join(directory, "vault.sock");
    await publishSocket(path, listen);
    const stale = await stat(path);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const file = await publishSocket(path, listen);
    expect(file.inode).not.toBe(stale.ino);
  });

  it("refuses to replace a live one", async () => {
    const path = join(directory, "vault.sock");
    await publishSocket(path, listen);
    await expect(publishSocket(path, listen)).rejects.toThrow("another process serves it");
  });

  it("refuses to replace what is no socket", async () => {
    const path = join(directory, "vault.sock");
    await writeFile(path, "keep me");
    await expect(publishSocket(path, listen)).rejects.toThrow("exists and is not a socket");
  });

  it("refuses a path that Linux would cut off", async () => {
    await expect(publishSocket(`/tmp/${"x".repeat(100)}.sock`, listen)).rejects.toThrow("longer than 100 bytes");
  });

  const failures: readonly [string, Error][] = [
    ["EACCES", Object.assign(new Error("no"), { code: "EACCES" })],
    [
      "EROFS",
      new Error(
        "No address added out of total 1 resolved errors: [listen EROFS: read-only file system /ENOENT/x.sock]",
      ),
    ],
    ["Error", Object.assign(new Error("something else"), { code: 13 })],
  ];
  it.each(failures)("says why it cannot be made: %s", async (code, error) => {
    await expect(publishSocket(join(directory, "vault.sock"), () => Promise.reject(error))).rejects.toThrow(
      `${directory}: a socket cannot be made there (${code}); check --socket-dir and its permissions`,
    );
  });

  it("is withdrawn", async () => {
    const file = await publishSocket(join(directory, "vault.sock"), listen);
    await withdrawSocket(file);
    expect(await readdir(directory)).toEqual([]);
  });

  it("is left alone where another process has replaced it", async () => {
    const path = join(directory, "vault.sock");
    const file = await publishSocket(path, listen);
    await rm(path);
    await listen(path);
    await withdrawSocket(file);
    expect((await stat(path)).isSocket()).toBe(true);
  });
});
