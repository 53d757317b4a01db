import { afterEach, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { createAuthority } from "../servers/certificates.ts";
import { startForwardProxy } from "../servers/forward-proxy.ts";
import { createScene, failure, get } from "./fixture.ts";

const scene = createScene();
afterEach(() => scene.clean());

async function forwardProxy(options: Parameters<typeof startForwardProxy>[0] = {}) {
  const proxy = await startForwardProxy(options);
  scene.later(() => proxy.stop());
  return proxy;
}

/** `url` with another host name. */
function named(url: string, host: string): string {
  return url.replace("127.0.0.1", host);
}

const withUser = (url: string) => url.replace("://", "://us%40er:CANARY-password@");
const authorization = `Basic ${Buffer.from("us@er:CANARY-password").toString("base64")}`;

describe("a request through a proxy", () => {
  test("to an https address goes through a tunnel, which is kept, and the server's certificate counts", async () => {
    const [authority, proxy] = [await createAuthority(), await forwardProxy()];
    const server = await scene.scripted(() => ({ body: "ok" }), { tls: await authority.issue(["vault.test"]) });
    const client = scene.client({ tls: { ca: authority.caPem }, proxies: { https: withUser(proxy.url) } });
    const origin = named(server.url, "vault.test");
    for (let i = 0; i < 3; i++) expect((await client.send(get(origin))).status).toBe(200);
    const { host } = new URL(origin);
    expect(proxy.requests).toEqual([{ method: "CONNECT", target: host, host, authorization }]);
    expect(server.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
    const stranger = scene.client({ proxies: { https: proxy.url } });
    expect((await failure(stranger.send(get(origin)))).id).toBe("LK0039");
  });

  test("to an http address hands the whole request to the proxy", async () => {
    const proxy = await forwardProxy();
    const server = await scene.scripted(() => ({ body: "ok" }));
    const client = scene.client({ proxies: { http: withUser(proxy.url), https: "http://127.0.0.1:1" } });
    const origin = named(server.url, "vault.test");
    expect((await client.send(get(origin, { method: "PUT", path: "/v1/a%20b?x=1", body: "{}" }))).status).toBe(200);
    const { host } = new URL(origin);
    expect(proxy.requests).toEqual([{ method: "PUT", target: `${origin}/v1/a%20b?x=1`, host, authorization }]);
    expect(server.requests).toMatchObject([{ method: "PUT", url: "/v1/a%20b?x=1", body: "{}" }]);
  });

  test("takes the direct way where the operator says so, and to this machine", async () => {
    const proxy = await forwardProxy();
    const server = await scene.scripted(() => ({ body: "ok" }));
    const client = scene.client({ proxies: { http: proxy.url, no: "elsewhere.invalid" } });
    expect((await client.send(get(server.url))).status).toBe(200);
    expect((await failure(client.send(get("http://elsewhere.invalid")))).message).toContain("cannot be resolved");
    expect(proxy.requests).toEqual([]);
    const all = scene.client({ proxies: { all: proxy.url, no: "*" } });
    expect((await all.send(get(server.url))).status).toBe(200);
    expect(proxy.requests).toHaveLength(1);
  });

  test("may be spoken to over TLS, if Node trusts it", async () => {
    const proxy = await forwardProxy({ tls: await (await createAuthority()).issue() });
    for (const scheme of ["http", "https"]) {
      const error = await failure(scene.client({ proxies: { all: proxy.url } }).send(get(`${scheme}://vault.test`)));
      expect([error.id, error.message]).toEqual([
        "LK0039",
        expect.stringContaining(`the certificate of the proxy ${new URL(proxy.url).host} is not trusted`),
      ]);
    }
  });

  for (const scheme of ["http", "https"]) {
    test(`is an outage of the proxy where that refuses an ${scheme} address, is gone or hangs`, async () => {
      const proxy = await forwardProxy();
      const { host } = new URL(proxy.url);
      const send = (signal = AbortSignal.timeout(5000)) =>
        failure(
          scene.client({ proxies: { all: withUser(proxy.url) } }).send(get(`${scheme}://vault.test`, { signal })),
        );
      proxy.setMode(407);
      expect((await send()).describe()).toBe(
        `LK0030: the proxy ${host} did not let the request through (status 407). Fix: give user and password in the proxy's URL, or let the proxy trust this node`,
      );
      proxy.setMode("hang");
      expect((await send(AbortSignal.timeout(100))).message).toMatch(/did not answer in time \(TIMEOUT\)$/);
      await proxy.stop();
      scene.later(() => undefined);
      expect((await send()).message).toBe(`no connection to the proxy ${host} (ECONNREFUSED)`);
    });
  }

  for (const url of ["socks5://u:CANARY@h:1", "http://u:CANARY@", "http://%zz:CANARY@h:1", "http://u:%zzCANARY@h"]) {
    test(`${url.replace("CANARY", "...")} is refused without a word of it`, async () => {
      const error = await failure(Promise.resolve().then(() => scene.client({ proxies: { https: url } })));
      expect([error.id, error.message]).toEqual(["LK0020", "the address of a proxy cannot be used"]);
    });
  }
});

describe("an address that a pod author chose, through a proxy", () => {
  test("is not looked up for longer than the caller waits", async () => {
    const proxy = await forwardProxy();
    const policy = { checkHost: () => undefined, checkAddress: () => undefined };
    const client = scene.client({ addresses: policy, proxies: { all: proxy.url } });
    const error = await failure(client.send(get("http://vault.invalid", { signal: AbortSignal.abort() })));
    expect([error.id, error.details.storeCode]).toEqual(["LK0030", "TIMEOUT"]);
    expect(proxy.requests).toEqual([]);
  });

  const refused = ["http://169.254.169.254", "http://localhost", "http://127.0.0.1", "https://[::1]", "https://127.1"];
  for (const origin of refused) {
    test(`${origin} is refused before the proxy hears of it`, async () => {
      const proxy = await forwardProxy();
      const client = scene.client({ addresses: createAddressPolicy([]), proxies: { all: proxy.url } });
      expect((await failure(client.send(get(origin)))).id).toBe("LK0022");
      expect(proxy.requests).toEqual([]);
    });
  }

  for (const scheme of ["http", "https"]) {
    test(`is looked up and checked here, and the proxy is asked for what was checked (${scheme})`, async () => {
      const [authority, proxy] = [await createAuthority(), await forwardProxy()];
      const tls = scheme === "https" ? { tls: await authority.issue(["localhost"]) } : {};
      const server = await scene.scripted(() => ({ body: "ok" }), tls);
      const port = new URL(server.url).port;
      const checked: string[] = [];
      const policy = {
        checkHost: () => undefined,
        checkAddress: (_: string, found: string) => void checked.push(found),
      };
      const options = { tls: { ca: authority.caPem }, proxies: { all: proxy.url } };
      const client = scene.client({ ...options, addresses: policy });
      expect((await client.send(get(`${scheme}://localhost:${port}`))).status).toBe(200);
      const asked = proxy.requests.map(
        ({ target }) => new URL(scheme === "https" ? `https://${target}` : target).hostname,
      );
      expect(checked.map((address) => (address.includes(":") ? `[${address}]` : address))).toContain(asked[0]);
      expect(server.requests[0]?.headers.host).toBe(`localhost:${port}`);
      const strict = { ...createAddressPolicy([]), checkHost: () => undefined };
      const other = scene.client({ ...options, addresses: strict });
      expect((await failure(other.send(get(`${scheme}://localhost:${port}`)))).id).toBe("LK0022");
      expect((await failure(other.send(get(`${scheme}://no-such-name.invalid`)))).id).toBe("LK0030");
      expect(proxy.requests).toHaveLength(1);
    });
  }
});
