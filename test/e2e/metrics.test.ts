import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseExposition, type Scrape } from "../exposition.ts";
import { ensurePromtool, type Promtool } from "../servers/promtool.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { startNode, type TestNode } from "./node.ts";

let promtool: Promtool;
let store: ScriptedServer;
let node: TestNode;

beforeAll(async () => {
  promtool = await ensurePromtool();
  store = await startScripted(() => "hang");
}, 900_000);

afterEach(() => node?.stop());

afterAll(() => store?.stop());

async function start(flags: Readonly<Record<string, string>> = {}): Promise<void> {
  store.answerWith(({ path }) => {
    if (path.endsWith("/login"))
      return { body: '{"auth":{"client_token":"t","lease_duration":3600,"token_type":"service"}}' };
    return path.endsWith("/denied")
      ? { status: 403, body: '{"errors":["permission denied"]}' }
      : { body: '{"data":{"v":"1"}}' };
  });
  node = await startNode({
    flags: { adminListen: "127.0.0.1:0", allowAddress: "127.0.0.1", refresh: "0s", staleAfter: "50ms", ...flags },
    config: (directory) => `profiles: { files: { kind: file, directory: "${directory}/files" } }`,
  });
  await mkdir(join(node.directory, "files"));
}

function vault(name: string, namespace = "shop") {
  const objects = `- { objectName: a, secretPath: secret/${name}, secretKey: v }`;
  return {
    ...{ provider: "vault", audiences: ["vault"] },
    parameters: { vaultAddress: store.url, roleName: "r", objects },
    pod: { namespace, uid: `${namespace}-${name}`, name },
  };
}

async function ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://127.0.0.1:${node.adminPort}${path}`);
  return { status: answer.status, text: await answer.text() };
}

async function scrape(): Promise<Scrape> {
  return parseExposition((await ask("/metrics")).text);
}

describe("the metrics of a node", () => {
  it("tell of mounts that work, fail and are served stale, and pass the judge of Prometheus", async () => {
    await start();
    await node.publish(vault("db"));
    await node.publishError(vault("denied"));
    store.answerWith(() => "reset");
    for (let count = 0; count < 3; count += 1) await node.publish(vault("db"));
    const { text } = await ask("/metrics");
    expect(await promtool.run(["check", "metrics"], text)).toEqual({ code: 0, output: "" });
    const read = parseExposition(text);
    const vaults = { dialect: "vault" };
    expect(read.value("latchkey_mounts_total", { ...vaults, result: "ok" })).toBe(4);
    expect(read.value("latchkey_mounts_total", { ...vaults, result: "denied" })).toBe(1);
    expect(read.value("latchkey_mount_errors_total", { ...vaults, error: "LK0033" })).toBe(1);
    expect(read.value("latchkey_cache_lookups_total", { result: "stale" })).toBe(3);
    expect(read.value("latchkey_cache_entries")).toBe(1);
    expect(read.value("latchkey_store_breakers", { store: "vault", state: "open" })).toBe(1);
    expect(read.value("latchkey_store_sessions")).toBe(1);
    expect(read.value("latchkey_store_requests_total", { store: "vault", operation: "login" })).toBe(1);
    const reads = { store: "vault", operation: "read" };
    expect(read.value("latchkey_store_calls_total", { ...reads, result: "ok" })).toBe(1);
    expect(read.value("latchkey_store_calls_total", { ...reads, result: "denied" })).toBe(1);
    expect(read.value("latchkey_store_calls_total", { ...reads, result: "outage" })).toBeGreaterThanOrEqual(3);
  });

  it("tell of rotations that fail, which no pod is told of", async () => {
    await start();
    await node.publish(vault("db"));
    store.answerWith(() => ({ status: 403, body: '{"errors":["permission denied"]}' }));
    expect(await node.publish(vault("db"))).toMatchObject({ masked: expect.anything() });
    expect((await scrape()).value("latchkey_rotation_failures_total", { pod_namespace: "shop" })).toBe(1);
  });

  it("hold no address, ref, pod, service account or value", async () => {
    await start();
    await node.publish({ ...vault("db"), pod: { name: "canary-pod", serviceAccount: "canary-sa", namespace: "shop" } });
    const { text } = await ask("/metrics");
    const url = new URL(store.url);
    for (const word of ["canary", "secret/", url.port, url.hostname, node.directory]) expect(text).not.toContain(word);
    const names = (await scrape()).families.flatMap(({ samples }) =>
      samples.flatMap(({ labels }) => [...labels.keys()]),
    );
    expect([...new Set(names)].sort()).toEqual(
      [
        "answer",
        "cause",
        "dialect",
        "event",
        "fate",
        "le",
        "pod_namespace",
        "operation",
        "outcome",
        "result",
        "state",
        "store",
        "verdict",
        "version",
      ].sort(),
    );
  });

  it("are answered while every store hangs, and under load", async () => {
    await start();
    store.answerWith(() => "hang");
    const hanging = Array.from({ length: 50 }, (_, index) =>
      node.publishError({ ...vault(`s${index}`), timeoutMs: 2_000 }),
    );
    while (store.requests.filter(({ path }) => path.endsWith("/login")).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const scrapes = await Promise.all(Array.from({ length: 100 }, () => ask("/metrics")));
    expect(new Set(scrapes.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await ask("/readyz")).status).toBe(200);
    await Promise.all(hanging);
    expect((await scrape()).value("latchkey_mounts_total", { dialect: "vault", result: "outage" })).toBe(50);
  });
});

describe("the readiness of a node", () => {
  it("ends with its sockets", async () => {
    await start();
    expect(await ask("/readyz")).toEqual({ status: 200, text: "ok\n" });
    await rm(join(node.socketDir, "vault.sock"));
    expect(await ask("/readyz")).toEqual({
      status: 503,
      text: "not ready\nvault.sock is not there\n",
    });
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("says that no token ever came, without failing for it: files need none", async () => {
    await start({ providers: "latchkey,aws" });
    await writeFile(join(node.directory, "files/a"), "1");
    const parameters = { stores: "f: { profile: files }", secrets: "- { store: f, name: a, files: [{ path: a }] }" };
    await node.publish({ provider: "latchkey", parameters });
    const { status, text } = await ask("/readyz");
    expect(status).toBe(200);
    expect(text.split("\n")[1]).toMatch(/^note: none of 1 mounts brought a service account token/);
    expect(text).toContain('for aws: "sts.amazonaws.com"');
    expect((await scrape()).value("latchkey_mounts_without_token_total", { dialect: "latchkey" })).toBe(1);
    await node.publish({ provider: "latchkey", parameters, audiences: ["any"] });
    expect(await ask("/readyz")).toEqual({ status: 200, text: "ok\n" });
  });
});
