import { Agent } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuthority } from "./certificates.ts";
import { type ScriptedServer, startScripted } from "./scripted.ts";

describe("a scripted server", () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScripted(() => ({ body: { ok: true } }));
  });
  afterEach(() => server.stop());

  test("answers what the function says and records what was asked", async () => {
    const answer = await fetch(`${server.url}/a%20b?x=1`, { method: "POST", body: "hello" });
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true }]);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", url: "/a%20b?x=1", path: "/a%20b", body: "hello" });
    expect(request?.query.get("x")).toBe("1");
  });

  test("takes another script while it runs", async () => {
    server.answerWith(({ path }) => ({ status: 429, headers: { "retry-after": "3" }, body: path }));
    const answer = await fetch(`${server.url}/busy`);
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([429, "3", "/busy"]);
  });

  test("cuts the connection when told to, or when its script throws", async () => {
    server.answerWith(() => "reset");
    await expect(fetch(server.url)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    server.answerWith(() => {
      throw new Error("no answer");
    });
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  });

  test("never answers when told to, until the caller gives up", async () => {
    server.answerWith(() => "hang");
    await expect(fetch(server.url, { signal: AbortSignal.timeout(50) })).rejects.toThrow("aborted");
  });
});

describe("a scripted server over TLS", () => {
  let agent: Agent;
  let server: ScriptedServer;
  beforeAll(async () => {
    const authority = await createAuthority();
    server = await startScripted(() => ({ body: "safe" }), { tls: await authority.issue() });
    agent = new Agent({ connect: { ca: authority.caPem } });
  });
  afterAll(async () => {
    await agent.close();
    await server.stop();
  });
  const call = () => agent.request({ origin: server.url, path: "/", method: "GET" });

  test("is trusted by its authority", async () => {
    expect(await (await call()).body.text()).toBe("safe");
  });

  test("survives the connections that it cuts", async () => {
    server.answerWith(() => "reset");
    await expect(call()).rejects.toThrow();
    server.answerWith(() => ({ body: "again" }));
    expect(await (await call()).body.text()).toBe("again");
  });
});
