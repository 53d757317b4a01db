import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Container, render } from "./rendered.ts";

const run = promisify(execFile);
const { pod } = await render({ providers: ["latchkey", "vault"], cache: { persistent: true } });

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lk-node-"));
  for (const path of ["var/run/secrets-store-csi-providers", "run/latchkey"]) {
    await mkdir(join(root, path), { recursive: true, mode: 0o755 });
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs an init container's program with the directories below `root`, and the user's own group in the place of 65532. */
async function runInit(name: string): Promise<void> {
  const { args = [] } = (pod.initContainers ?? []).find((each) => each.name === name) as Container;
  const moved = args.map((arg) =>
    (/^\/[^/]/.test(arg) ? join(root, arg) : arg).replace(/^65532$/, `${process.getgid?.()}`),
  );
  await run(process.execPath, ["-e", ...moved]);
}

const modeOf = async (path: string) => ((await stat(join(root, path))).mode & 0o7777).toString(8);

describe("the steps before the start", () => {
  it("let the group put sockets into the socket directory, and nobody remove another's", async () => {
    await runInit("directories");
    expect(await modeOf("var/run/secrets-store-csi-providers")).toBe("1775");
    expect(await modeOf("run/latchkey")).toBe("1775");
  });

  it("remove sockets that nobody answers, and leave those of others alone", async () => {
    const path = (name: string) => join(root, `var/run/secrets-store-csi-providers/${name}.sock`);
    const [dead, live] = await Promise.all(["latchkey", "vault"].map((name) => listen(path(name))));
    // As a process that was killed leaves it.
    const kept = `${path("latchkey")}.kept`;
    await run("ln", [path("latchkey"), kept]);
    await new Promise((resolve) => dead?.close(resolve));
    await run("mv", [kept, path("latchkey")]);
    await writeFile(path("other"), "");
    await runInit("directories");
    expect(["latchkey", "vault", "other"].map((name) => existsSync(path(name)))).toEqual([false, true, true]);
    await new Promise((resolve) => live?.close(resolve));
  });
});

async function listen(path: string) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}
