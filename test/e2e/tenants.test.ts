import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { AuditVerifier } from "../../src/audit/verify.ts";
import { Redacted } from "../../src/redacted.ts";
import { kv, startTenants, type Tenants, watched } from "./tenants.ts";

let tenants: Tenants | undefined;

afterEach(async () => {
  await tenants?.stop();
  tenants = undefined;
});

function times<T>(count: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

describe("a tenant beside one that", () => {
  it("mounts large volumes from a store that hangs is served from the cache before any of them ends", async () => {
    let hangs = false;
    const large = "x".repeat(300_000);
    const flags = { maxInflightBytes: "1MiB", refresh: "1h", mountTimeout: "4s" };
    tenants = await startTenants(
      ({ path }) => (path.includes("/flood/") ? (hangs ? "hang" : kv(large)) : kv("value")),
      flags,
    );
    const { mount, reads } = tenants;
    await mount("shop", ["db"]);
    await mount("flood", ["big"]);
    hangs = true;
    // Other accounts: the plan and its size are known, the values are not.
    const flood = times(40, (at) => watched(mount("flood", ["big"], { serviceAccount: `a${at}` })));
    while (reads("flood").length < 2) await new Promise(setImmediate);
    for (const _ of times(5, () => 0)) expect(await watched(mount("shop", ["db"])).over).toBe("ok");
    expect(new Set(flood.map(({ state }) => state()))).toEqual(new Set(["waits"]));
    expect(await watched(mount("bank", ["first"])).over).toBe("ok");
    await Promise.all(flood.map(({ over }) => over));
  });

  it("asks a server that hangs, under forty TLS names, finds room at the server", async () => {
    const flags = { storeConcurrency: "8", mountTimeout: "6s", refresh: "1h" };
    tenants = await startTenants(({ path }) => (path.includes("/flood/") ? "hang" : kv("value")), flags);
    const { mount, reads } = tenants;
    const flood = times(40, (at) =>
      watched(mount("flood", ["a"], { settings: `, tlsServerName: "n${at}"`, serviceAccount: `a${at}` })),
    );
    while (reads("flood").length < 7) await new Promise(setImmediate);
    expect(await Promise.all(times(5, (at) => watched(mount("shop", [`db${at}`])).over))).toEqual(times(5, () => "ok"));
    expect(new Set(flood.map(({ state }) => state()))).toEqual(new Set(["waits"]));
    // Seven of eight places, and the eighth is for namespaces that have none.
    expect(reads("flood")).toHaveLength(7);
    await Promise.all(flood.map(({ over }) => over));
  });

  it("is issued long leases keeps what it has in the cache", async () => {
    const lease = { body: { lease_id: "l", lease_duration: 1e9, data: { v: "x".repeat(60_000) } } };
    const flags = { cacheBytes: "1MiB", refresh: "1h" };
    tenants = await startTenants(({ path }) => (path.includes("/flood/") ? lease : kv("value")), flags);
    const { mount, reads, node } = tenants;
    await mount("shop", ["db"]);
    for (let pod = 0; pod < 30; pod += 1) await mount("flood", ["lease"]);
    expect(reads("flood")).toHaveLength(30);
    await mount("shop", ["db"]);
    expect([reads("shop").length, node.mounts().at(-1)]).toMatchObject([1, { cached: 1, fetched: 0 }]);
  });

  it("floods the template process has its template made before most of the flood", { timeout: 90_000 }, async () => {
    tenants = await startTenants(() => kv("value"), { refresh: "1h" });
    const { mount } = tenants;
    const slow =
      "{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}";
    const templates = (...contents: readonly string[]) => ({
      parameters: { templates: JSON.stringify(contents.map((content, at) => ({ path: `t${at}`, content }))) },
    });
    await mount("shop", ["db"], templates("{{ n0 | json }}"));
    const flood = times(30, (at) => watched(mount("flood", ["a"], templates(`${slow}${at}`))));
    const waiting = () => flood.filter(({ state }) => state() === "waits").length;
    while (waiting() === flood.length) await new Promise(setImmediate);
    const before = waiting();
    const many = times(10, (at) => `{{ n0 | json }}${at}`);
    expect(await watched(mount("shop", ["db"], templates(...many))).over).toBe("ok");
    // The one under way, and what began while this mount fetched or was answered: not one for each of the ten.
    expect(before - waiting()).toBeLessThanOrEqual(4);
    for (const said of await Promise.all(flood.map(({ over }) => over))) expect(said).toMatch(/LK004[03]/);
  });

  it.each([
    ["has its connections cut", "reset" as const],
    ["is told that the server is sealed", { status: 503, body: { errors: ["Vault is sealed"] } }],
    ["is told to ask less", { status: 429, body: { errors: [] } }],
    ["gets what is no answer", { status: 200, body: "<html>" }],
  ])("%s, again and again, by one server for both, is served by it", async (_, answer) => {
    const flags = { refresh: "1h", mountTimeout: "8s" };
    tenants = await startTenants(({ path }) => (path.includes("/flood/") ? answer : kv("value")), flags);
    const { mount, reads } = tenants;
    const flood = times(40, (at) => watched(mount("flood", [`n${at}`], { serviceAccount: `a${at % 5}` })));
    const first = times(10, (at) => watched(mount("shop", [`db${at}`], { serviceAccount: `s${at}` })));
    expect(await Promise.all(first.map(({ over }) => over))).toEqual(times(10, () => "ok"));
    for (const { over } of flood) expect(await over).toMatch(/LK0/);
    expect(reads("flood").length).toBeGreaterThan(3);
    expect(await watched(mount("shop", ["after"], { serviceAccount: "later" })).over).toBe("ok");
  });

  it("mounts thousands of names has its audit lines kept", async () => {
    const audited = async (directory: string) => {
      await writeFile(join(directory, "audit.key"), Buffer.alloc(32, 9));
      const [auditFile, auditKeyFile] = [join(directory, "audit.log"), join(directory, "audit.key")];
      return { allowAddress: "127.0.0.1", audit: "required", auditFile, auditKeyFile, auditMaxBytes: "128KiB" };
    };
    tenants = await startTenants(() => kv("value"), audited);
    const { mount, node } = tenants;
    await mount("shop", ["db"]);
    const names = times(300, (at) => `${"long".repeat(50)}${at}`);
    for (let count = 0; count < 31; count += 1) await mount("flood", names);
    const verifier = new AuditVerifier({ key: new Redacted<Uint8Array>(Buffer.alloc(32, 9)), heads: [] });
    const files = ["5", "4", "3", "2", "1"].map((at) => `audit.log.${at}`);
    const lines: string[] = [];
    for (const name of [...files, "audit.log"]) {
      const text = await readFile(join(node.directory, name), "utf8").catch(() => "");
      lines.push(...text.split("\n").slice(0, -1));
    }
    for (const [at, line] of lines.entries()) verifier.add(line, "audit.log", at + 1);
    expect(verifier.report()).toMatchObject({ lines: 32, findings: [] });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ namespace: "shop", objects: [{ ref: "secret/data/shop/db" }] });
    expect(JSON.parse(lines.at(-1) ?? "").folded.objects).toBe(300);
  });
});
