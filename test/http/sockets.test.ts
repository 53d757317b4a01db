import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { createScene, failure, get } from "./fixture.ts";

const scene = createScene();
afterEach(() => scene.clean());

async function listening(script: Parameters<typeof scene.scripted>[0] = () => ({ body: "ok" })) {
  const socketPath = join(await scene.directory(), "agent.sock");
  return { socketPath, server: await scene.scripted(script, { socketPath }) };
}

describe("a Unix socket", () => {
  test("is an address like another, for the operator and for whom the policy allows it; no proxy is asked", async () => {
    const { socketPath, server } = await listening();
    const send = (options: Parameters<typeof scene.client>[0]) =>
      scene
        .client({ proxies: { all: "http://127.0.0.1:1" }, ...options })
        .send(get("http://localhost", { socketPath }));
    expect((await send({})).status).toBe(200);
    expect((await send({ addresses: createAddressPolicy([`unix://${socketPath}`]) })).status).toBe(200);
    const error = await failure(send({ addresses: createAddressPolicy(["unix:///run/other.sock"]) }));
    expect([error.id, error.message]).toEqual([
      "LK0022",
      `the address unix://${socketPath} is a Unix socket, which a SecretProviderClass may not choose`,
    ]);
    expect(server.requests.map(({ headers }) => headers.host)).toEqual(["localhost", "localhost"]);
  });

  test("that is not there says where it was looked for", async () => {
    const error = await failure(scene.client().send(get("http://localhost", { socketPath: "/nonexistent/a.sock" })));
    expect([error.id, error.message]).toEqual(["LK0030", "no connection to unix:///nonexistent/a.sock (ENOENT)"]);
  });

  test("may redirect to itself, and to a server elsewhere", async () => {
    const elsewhere = await scene.scripted(() => ({ body: "elsewhere" }));
    const { socketPath, server } = await listening(({ path }) => {
      if (path === "/v1/y") return { body: "here" };
      return { status: 307, headers: { location: path === "/v1/x" ? "/v1/y" : `${elsewhere.url}/v1/z` } };
    });
    const bodyOf = async (path: string) => {
      const answer = await scene.client().send(get("http://localhost", { socketPath, path, follow: true }));
      return Buffer.from(answer.body).toString();
    };
    expect([await bodyOf("/v1/x"), await bodyOf("/v1/far")]).toEqual(["here", "elsewhere"]);
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/x", "/v1/y", "/v1/far"]);
  });
});

describe("a redirect of an operator's address", () => {
  test("to its own host is followed, to another only where anybody may ask it", async () => {
    const inner = await scene.scripted(() => ({ body: "inner" }));
    const far = await scene.scripted(() => ({
      status: 307,
      headers: { location: inner.url.replace("127.0.0.1", "localhost") },
    }));
    const near = await scene.scripted(() => ({ status: 307, headers: { location: inner.url } }));
    const client = scene.client({ redirectAddresses: createAddressPolicy([]) });
    expect((await client.send(get(near.url, { follow: true }))).status).toBe(200);
    expect((await failure(client.send(get(far.url, { follow: true })))).id).toBe("LK0022");
    expect(inner.requests).toHaveLength(1);
  });
});
