import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHttpClient } from "../../../src/http/client.ts";
import type { Session } from "../../../src/stores/store.ts";
import { createVaultClient, type VaultCall } from "../../../src/stores/vault/client.ts";
import { createFailover } from "../../../src/stores/vault/failover.ts";
import type { VaultRef, VaultSearch } from "../../../src/stores/vault/types.ts";
import { startRaw } from "../../servers/raw-http.ts";
import type { Answer } from "../../servers/scripted.ts";
import type { Outcome } from "../outcomes.ts";
import { type ScriptedVault, startScriptedVault } from "./scripted-vault.ts";

let one: ScriptedVault;
let two: ScriptedVault;
beforeEach(async () => {
  [one, two] = await Promise.all([startScriptedVault(), startScriptedVault()]);
  one.answer({ read: { body: { data: { from: "one" } } } });
  two.answer({ read: { body: { data: { from: "two" } } } });
});
afterEach(async () => {
  await one.stop();
  await two.stop();
});

const open = (): Promise<Session<VaultRef, VaultSearch>> => one.open({ addresses: [one.server.url, two.server.url] });

async function read(session: Session<VaultRef, VaultSearch>, method = "GET"): Promise<string> {
  const [outcome] = await one.read(session, { name: "kv/a", method });
  return textOf(outcome ?? expect.unreachable());
}

function textOf(outcome: Outcome): string {
  return outcome.ok ? Buffer.from(outcome.secret.value.reveal()).toString() : outcome.error.id;
}

const counts = () => [one, two].map(({ server }) => server.requests.length);
const sealed = { status: 503, body: { errors: ["Vault is sealed"] } };

describe("of several servers", () => {
  const failures: readonly [what: string, answer: Answer, read: boolean, write: boolean][] = [
    ["is sealed", sealed, true, true],
    ["is a standby", { status: 473 }, true, true],
    ["is a disaster recovery secondary", { status: 472 }, true, true],
    ["breaks the connection", "reset", true, false],
    ["is behind a balancer that finds it gone", { status: 502 }, true, false],
    ["is behind a balancer without servers", { status: 503, body: "no backend" }, true, false],
    ["is slow behind a balancer", { status: 504 }, true, false],
    ["is broken", { status: 500, body: { errors: ["x"] } }, false, false],
    ["refuses", { status: 403, body: { errors: ["permission denied"] } }, false, false],
    ["throttles", { status: 429 }, false, false],
    ["has no such secret", { status: 404, body: { errors: [] } }, false, false],
  ];
  for (const [what, answer, onRead, onWrite] of failures) {
    test(`one ${what}: ${onRead ? "a read" : "nothing"} ${onWrite ? "and a write go" : "goes"} to the next`, async () => {
      const session = await open();
      one.answer({ read: answer });
      const before = counts();
      const wrote = await read(session, "PUT");
      expect(wrote === '{"from":"two"}').toBe(onWrite);
      expect(counts()).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + (onWrite ? 1 : 0)]);
      if (onWrite) return;
      expect((await read(session)) === '{"from":"two"}').toBe(onRead);
    });
  }

  test("one is gone: login, reads and writes go to the next, which is asked first from then on", async () => {
    await one.server.stop();
    const session = await open();
    expect([await read(session, "PUT"), await read(session)]).toEqual(['{"from":"two"}', '{"from":"two"}']);
    await one.stop().catch(() => undefined);
    one = Object.assign(await startScriptedVault(), { read: one.read });
  });

  test("the one that answered last is asked first", async () => {
    const session = await open();
    expect(await read(session)).toBe('{"from":"one"}');
    one.answer({ read: sealed });
    expect(await read(session)).toBe('{"from":"two"}');
    one.answer({ read: { body: { data: { from: "one" } } } });
    const before = counts();
    expect([await read(session), await read(await open())]).toEqual(['{"from":"two"}', '{"from":"two"}']);
    expect(counts()[0]).toBe(before[0]);
  });

  test("where none can be asked, the first one's failure is told", async () => {
    const session = await open();
    one.answer({ read: sealed });
    two.answer({ read: { status: 502 } });
    expect(await read(session)).toBe("LK0041");
    expect(counts()).toEqual([2, 1]);
  });

  test("the address policy holds for each", async () => {
    const error = await one.open({ addresses: [one.server.url, "http://169.254.169.254"] }).catch((thrown) => thrown);
    expect(error).not.toHaveProperty("id");
    one.answer({ login: sealed });
    const refused = await one.open({ addresses: [one.server.url, "http://169.254.169.254"] }).catch((thrown) => thrown);
    expect(refused).toMatchObject({ id: "LK0022" });
  });
});

describe("a server that hangs", () => {
  const call = (more: Partial<VaultCall>): VaultCall => ({
    method: "GET",
    path: "/v1/a",
    signal: AbortSignal.timeout(5000),
    resend: true,
    onSend: () => undefined,
    ...more,
  });

  /** The first server takes the connection (or not) and never answers; the second does. */
  const hanging = (reaches: boolean, patience = { connectMs: 60, answerMs: 120 }) =>
    createFailover({
      list: async () => ["one", "two"],
      patience,
      client: async (address) => async (asked) => {
        if (address === "two") return { status: 200, headers: new Map(), body: Buffer.from("two") };
        if (reaches) asked.onReach?.();
        const { promise, reject } = Promise.withResolvers<never>();
        const { ProviderError } = await import("../../../src/errors.ts");
        asked.signal.addEventListener("abort", () => reject(new ProviderError("LK0030", "late")));
        return promise;
      },
    });

  test("is left for the next, by what may arrive twice and by what certainly did not arrive", async () => {
    expect((await hanging(true)(call({}))).status).toBe(200);
    expect((await hanging(false)(call({ resend: false }))).status).toBe(200);
  });

  test("keeps a write that may have arrived until the caller gives up", async () => {
    const sent = hanging(true)(call({ resend: false, signal: AbortSignal.timeout(200) }));
    await expect(sent).rejects.toMatchObject({ id: "LK0030" });
  });

  test("is noticed over a real socket too", async () => {
    const mute = await startRaw();
    const http = createHttpClient();
    const extras = { headers: {}, followRedirects: true };
    const send = createFailover({
      list: async () => [mute.url, two.server.url],
      client: (address) => createVaultClient(address, () => http, extras),
      patience: { connectMs: 20_000, answerMs: 80 },
    });
    expect((await send(call({ path: "/v1/kv/a" }))).status).toBe(200);
    const put = call({ path: "/v1/kv/a", method: "PUT", resend: false });
    expect((await send(put)).status).toBe(200);
    http.close();
    await mute.stop();
  });
});
