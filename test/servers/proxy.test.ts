import { Agent, request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAuthority } from "./certificates.ts";
import type { Fault } from "./faults.ts";
import { type FaultyProxy, startProxy } from "./proxy.ts";
import { type ScriptedServer, startScripted } from "./scripted.ts";

let upstream: ScriptedServer;
let proxy: FaultyProxy;
let agent: Agent;

beforeEach(async () => {
  upstream = await startScripted(({ method, url, body }) => ({
    headers: { "x-up": "1" },
    body: `${method} ${url} ${body}`,
  }));
  proxy = await startProxy(upstream.url);
  agent = new Agent({ connections: 1 });
});

afterEach(async () => {
  await agent.destroy();
  await proxy.stop();
  await upstream.stop();
});

async function get(path: string, timeoutMs = 5_000): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await request(`${proxy.url}${path}`, { dispatcher: agent, signal });
  return `${answer.statusCode} ${await answer.body.text()}`;
}

describe("the proxy", () => {
  test("passes requests and answers on, over kept connections, and counts them", async () => {
    const answer = await request(`${proxy.url}/a?x=1`, { method: "PUT", body: "hello", dispatcher: agent });
    expect([answer.headers["x-up"], await answer.body.text()]).toEqual(["1", "PUT /a?x=1 hello"]);
    expect(await get("/a")).toBe("200 GET /a ");
    expect(await get("/b/c")).toBe("200 GET /b/c ");
    expect([proxy.count(), proxy.count({ path: "/a" }), proxy.count({ method: "GET", path: /^\/b/ })]).toEqual([
      3, 2, 1,
    ]);
    expect(proxy.connections).toBe(1);
    proxy.resetCounts();
    expect(proxy.count()).toBe(0);
  });

  test("makes requests wait", async () => {
    proxy.setLatency(60);
    await expect(get("/a", 20)).rejects.toThrow("aborted");
    proxy.setLatency(0);
    proxy.inject({ kind: "delay", ms: 60 }, { path: "/slow" });
    await expect(get("/slow", 20)).rejects.toThrow("aborted");
    expect(await get("/a")).toBe("200 GET /a ");
  });

  const cut: readonly (readonly [Fault, string])[] = [
    [{ kind: "reset" }, "ECONNRESET"],
    [{ kind: "resetMidBody", afterBytes: 3 }, "ECONNRESET"],
  ];
  for (const [fault, code] of cut) {
    test(`cuts connections (${fault.kind}) as often as it is told to`, async () => {
      proxy.inject(fault, { times: 1 });
      await expect(get("/a")).rejects.toMatchObject({ code });
      expect(await get("/a")).toBe("200 GET /a ");
    });
  }

  test("never answers, and the upstream sees nothing", async () => {
    proxy.inject({ kind: "hang" });
    await expect(get("/a", 20)).rejects.toThrow("aborted");
    expect(upstream.requests).toEqual([]);
    proxy.clearFaults();
    expect(await get("/a")).toBe("200 GET /a ");
  });

  test("lets a body drip", async () => {
    proxy.inject({ kind: "drip", bytes: 1, everyMs: 1 });
    expect(await get("/a")).toBe("200 GET /a ");
  });

  test("answers in the upstream's place, the latest fault first", async () => {
    proxy.inject({ kind: "answer", status: 503 }, { path: /^\/v1\// });
    proxy.inject({ kind: "answer", status: 429, headers: { "retry-after": "1" }, body: "busy" }, { path: "/v1/a" });
    expect([await get("/v1/a"), await get("/v1/b"), await get("/c")]).toEqual(["429 busy", "503 ", "200 GET /c "]);
    expect(upstream.requests.map(({ url }) => url)).toEqual(["/c"]);
  });

  test("refuses connections and accepts them again on the same port", async () => {
    expect(await get("/a")).toBe("200 GET /a ");
    await proxy.refuse();
    await agent.destroy();
    agent = new Agent({ connections: 1 });
    await expect(get("/a")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await proxy.accept();
    expect(await get("/a")).toBe("200 GET /a ");
  });

  test("cuts the caller off when the upstream is gone", async () => {
    await upstream.stop();
    await expect(get("/a")).rejects.toThrow("other side closed");
    upstream = await startScripted(() => ({}));
  });
});

describe("the proxy over TLS", () => {
  test("speaks TLS on both sides and survives the connections that it cuts", async () => {
    const authority = await createAuthority();
    const safe = await startScripted(() => ({ body: "safe" }), { tls: await authority.issue() });
    const front = await startProxy(safe.url, { tls: await authority.issue(), targetCa: authority.caPem });
    const trusting = new Agent({ connect: { ca: authority.caPem } });
    const call = async () => (await request(front.url, { dispatcher: trusting })).body.text();
    expect(await call()).toBe("safe");
    front.inject({ kind: "reset" }, { times: 1 });
    await expect(call()).rejects.toThrow();
    front.inject({ kind: "resetMidBody", afterBytes: 1 }, { times: 1 });
    await expect(call()).rejects.toThrow();
    expect(await call()).toBe("safe");
    await trusting.destroy();
    await front.stop();
    await safe.stop();
  });
});
