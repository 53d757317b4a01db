import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { bundle } from "../bundle.ts";
import { startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const run = promisify(execFile);
const key = Buffer.alloc(32, 9);

let issuer: TokenIssuer;
let nodes: TestNode[] = [];

beforeAll(async () => {
  issuer = await createTokenIssuer();
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
});

const parameters = {
  stores: "files: { profile: files }",
  secrets: `
- { store: files, name: db, files: [{ path: db }] }
- { store: files, name: nowhere, optional: true, files: [{ path: no }] }
- { store: files, find: { prefix: many/ }, expand: { path: many/ } }
`,
};

async function start(flags: Readonly<Record<string, string>> = {}): Promise<TestNode> {
  const node = await startNode({
    issuer,
    config: (directory) => `profiles: { files: { kind: file, directory: "${directory}/secrets" } }`,
    flags: async (directory) => {
      await writeFile(join(directory, "audit.key"), key);
      await mkdir(join(directory, "secrets/many"), { recursive: true });
      await writeFile(join(directory, "secrets/db"), "CANARY-1");
      await writeFile(join(directory, "secrets/many/a"), "CANARY-2");
      const own = { auditFile: join(directory, "audit.log"), auditKeyFile: join(directory, "audit.key") };
      return { audit: "required", ...own, ...flags };
    },
  });
  nodes.push(node);
  return node;
}

async function linesOf({ directory }: TestNode): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(join(directory, "audit.log"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function verify(node: TestNode, ...more: readonly string[]) {
  const [file, keyFile] = [join(node.directory, "audit.log"), join(node.directory, "audit.key")];
  return run(process.execPath, [bundle, "audit", "verify", file, "--key-file", keyFile, ...more]).catch(
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
  );
}

describe("the audit log", () => {
  it("has one line of each mount, with who asked and what for, and no value", async () => {
    const node = await start();
    await node.publish({ provider: "latchkey", parameters, secretProviderClass: "web", audiences: ["vault"] });
    const wrong = { ...parameters, secrets: "- { store: files, name: gone, files: [{ path: x }] }" };
    await node.publishError({ provider: "latchkey", parameters: wrong, volume: "b" });
    await node.publishError({ provider: "latchkey", parameters: { secrets: "x" }, volume: "c" });
    const [first, second, third] = await linesOf(node);
    const who = {
      namespace: "shop",
      serviceAccount: "payments",
      pod: { name: expect.any(String), uid: expect.any(String) },
    };
    expect(first).toMatchObject({
      ...{ audit: 1, seq: 0, dialect: "latchkey", ...who, secretProviderClass: "web", proved: true, result: "ok" },
      objects: [
        { store: "file", ref: "db", answer: "fetched" },
        { store: "file", ref: "nowhere", answer: "absent" },
        { store: "file", ref: "files below many/", answer: "fetched" },
        { store: "file", ref: "many/a", answer: "fetched" },
      ],
    });
    expect(second).toMatchObject({ seq: 1, result: "LK0034", objects: [{ ref: "gone", answer: "absent" }] });
    expect(third).toMatchObject({ seq: 2, result: "LK0003", objects: [] });
    expect(await readFile(join(node.directory, "audit.log"), "utf8")).not.toContain("CANARY");
  });

  it("is verified from the shell, with the head that the log told", async () => {
    const node = await start();
    for (const volume of ["a", "b", "c"]) await node.publish({ provider: "latchkey", parameters, volume });
    const told = await verify(node);
    expect(told.stdout).toMatch(/^3 lines, nothing wrong\nhead: [\w-]+:2:[\w-]{43}\n$/);
    const head = told.stdout.match(/head: (\S+)/)?.[1] ?? "";
    expect((await verify(node, "--head", head)).stdout).toContain("nothing wrong");
    const path = join(node.directory, "audit.log");
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, lines.toSpliced(2, 1).join("\n"));
    expect(await verify(node, "--head", head)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(") is missing"),
    });
    await writeFile(path, lines.with(1, (lines[1] ?? "").replace('"ok"', '"no"')).join("\n"));
    expect(await verify(node)).toMatchObject({ code: 1, stdout: expect.stringContaining("audit.log:2: was changed") });
    await writeFile(path, ['{"level":"info"}', ...lines].join("\n"));
    expect((await verify(node)).stdout).toContain("audit.log:1: is not a complete line");
    expect((await verify(node, "--mixed")).stdout).toContain("nothing wrong");
    expect(await verify(node, "--head", "x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("boot:seq:mac"),
    });
  });

  it("is verified by its bytes: only a newline ends a line, whatever names hold", async () => {
    const node = await start();
    const odd = { ...parameters, secrets: '- { store: files, name: "a\u2028b", files: [{ path: x }] }' };
    await node.publishError({ provider: "latchkey", parameters: odd });
    await node.publish({ provider: "latchkey", parameters, volume: "b", secretProviderClass: "caf\u00e9" });
    const path = join(node.directory, "audit.log");
    const bytes = await readFile(path);
    expect((await verify(node)).stdout).toMatch(/^2 lines, nothing wrong\n/);
    const forgeries = [
      Buffer.from(bytes.toString().replaceAll("\n", "\r\n")),
      Buffer.from(bytes.toString("latin1").replace("caf\u00c3\u00a9", "caf\u00e9"), "latin1"),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.alloc(20_000_000, "x")]),
      Buffer.concat([bytes, Buffer.from([0xff, 0, 0xfe, 10])]),
    ];
    for (const [at, forged] of forgeries.entries()) {
      await writeFile(path, forged);
      const { stdout } = await verify(node);
      expect([at, stdout]).toEqual([at, expect.stringContaining("is not a complete line of Latchkey's")]);
    }
  });

  it("fails mounts whose line cannot be written, where it is required, and no others", async () => {
    for (const [audit, works] of [
      ["required", false],
      ["best-effort", true],
    ] as const) {
      const node = await start({ audit, adminListen: "127.0.0.1:0" });
      const publish = (volume: string) => node.publish({ provider: "latchkey", parameters, volume });
      await publish("a");
      // Where the file was a directory is now: it can be opened no more.
      await rm(join(node.directory, "audit.log"));
      await mkdir(join(node.directory, "audit.log"));
      const outcome = await publish("b").then(() => "mounted", String);
      if (works) expect(outcome).toBe("mounted");
      else {
        expect(outcome).toContain(
          "LK0045: the audit line of this mount could not be written (EISDIR). Fix: free space",
        );
      }
      const metrics = await (await fetch(`http://127.0.0.1:${node.adminPort}/metrics`)).text();
      expect(metrics).toMatch(/^latchkey_audit_failures_total [1-9]/m);
      expect(node.log.some(({ msg }) => String(msg).startsWith("the audit line cannot be written"))).toBe(true);
      await rm(join(node.directory, "audit.log"), { recursive: true });
      await publish("c");
      expect((await linesOf(node)).length).toBe(1);
    }
  });

  it("has the line before anything is delivered beside the reply, where it is required", async () => {
    const node = await start({ deliver: "provider", allowDiskTarget: "true" });
    const publish = (volume = "a") => node.publish({ provider: "latchkey", parameters, volume });
    const { target } = await publish();
    await rm(join(node.directory, "audit.log"));
    await mkdir(join(node.directory, "audit.log"));
    await writeFile(join(node.directory, "secrets/db"), "CANARY-3");
    const { message } = await node.publishError({ provider: "latchkey", parameters, volume: "a" });
    expect(message).toContain("LK0045");
    expect(await readFile(join(target, "db"), "utf8")).toBe("CANARY-1");
    await rm(join(node.directory, "audit.log"), { recursive: true });
    await publish("b");
    expect((await linesOf(node)).map(({ result }) => result)).toEqual(["ok"]);
  });

  it("has the line before a Kubernetes Secret is written, where it is required", async () => {
    const cluster = await startKubernetes(issuer);
    onTestFinished(() => cluster.stop());
    const wanted = { ...parameters, kubernetesSecrets: "- { name: db, data: { password: { file: db } } }" };
    cluster.setClass("shop", "web", { provider: "latchkey", parameters: wanted });
    const place = await mkdtemp(join(tmpdir(), "lk-audit-"));
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    await writeFile(join(place, "version.key"), Buffer.alloc(32, "v"));
    const node = await start({
      ...{ sync: "true", versionKeyFile: join(place, "version.key") },
      ...(await cluster.writeCredentials(place)),
    });
    const request = { provider: "latchkey", parameters: wanted, secretProviderClass: "web", audiences: ["vault"] };
    await rm(join(node.directory, "audit.log"));
    await mkdir(join(node.directory, "audit.log"));
    expect((await node.publishError(request)).message).toContain("LK0045");
    expect(cluster.secrets.keys()).toEqual([]);
    await rm(join(node.directory, "audit.log"), { recursive: true });
    await node.publish(request);
    expect(cluster.secret("shop", "db")).toBeDefined();
    expect((await linesOf(node)).map(({ result, sync }) => [result, sync])).toEqual([["ok", "offered"]]);
  });

  it("refuses to start with a key that is too short, or a file that it cannot have", async () => {
    await expect(start({ auditFile: "/nowhere/at/all" })).rejects.toThrow(
      "--audit-file: /nowhere/at/all cannot be written (ENOENT)",
    );
    await expect(start({ auditFile: "/dev/null" })).rejects.toThrow("/dev/null cannot be written (not a regular file)");
    await expect(start({ audit: "off" })).rejects.toThrow("set both --audit and --audit-file");
    await expect(start({ auditKeyFile: "/dev/null" })).rejects.toThrow("has 0 bytes; give 32 random bytes or more");
  });

  it("is of one process at a time, and nobody's after a start that failed late", async () => {
    const place = await mkdtemp(join(tmpdir(), "lk-audit-"));
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    const auditFile = join(place, "audit.log");
    const node = await start({ auditFile });
    await expect(start({ auditFile })).rejects.toThrow(
      `--audit-file: another process writes ${auditFile}; give each process its own file`,
    );
    await node.stop();
    nodes = [];
    await expect(start({ auditFile, adminListen: "192.0.2.1:1" })).rejects.toThrow("--admin-listen");
    await expect(start({ auditFile, socketDir: "/nowhere" })).rejects.toThrow("/nowhere: does not exist");
    await start({ auditFile });
    expect((await readdir(place)).length).toBe(2);
  });

  it("tells its head when the process ends", async () => {
    const node = await start();
    await node.publish({ provider: "latchkey", parameters });
    await node.stop();
    nodes = [];
    const heads = node.log.filter(({ msg }) => msg === "audit head").map(({ auditHead }) => auditHead);
    expect(heads).toEqual([expect.stringMatching(/^[\w-]+:0:[\w-]{43}$/)]);
  });
});
