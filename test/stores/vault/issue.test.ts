import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Outcome, outcomesOf } from "../outcomes.ts";
import { identity, type ScriptedVault, startScriptedVault, token } from "./scripted-vault.ts";

let vault: ScriptedVault;
beforeEach(async () => {
  vault = await startScriptedVault();
  vault.answer({ read: { body: { data: { a: 1 } } } });
});
afterEach(() => vault.stop());

async function readOne(ref: string | object, session = vault.open()): Promise<Outcome> {
  const [outcome] = await vault.read(await session, ref);
  return outcome ?? expect.unreachable();
}

const reads = () => vault.server.requests.filter(({ path }) => !path.endsWith("/login"));

describe("a request for a secret", () => {
  for (const method of ["GET", "PUT", "POST", "PATCH", "DELETE"]) {
    test(`carries its body on the wire as it is, and no content type (${method})`, async () => {
      const body = '{"a":[2.50,"\\u003c",1E5],"ttl":"24h"}';
      const ref = { method, path: "/v1/pki/issue/a b", query: "x=1", body };
      await outcomesOf(await vault.open(), [ref], vault.context());
      const [request] = reads();
      expect(request).toMatchObject({ method, url: "/v1/pki/issue/a%20b?x=1", body });
      expect(request?.headers).toMatchObject({ "content-length": String(body.length), "x-vault-token": token });
      expect(request?.headers).not.toHaveProperty("content-type");
    });
  }

  test("keeps what node-vault would unescape in a path", async () => {
    await readOne("kv/a&#x2F;b");
    expect(reads()).toMatchObject([{ url: "/v1/kv/a&%23x2F;b" }]);
  });

  test("without a body has none", async () => {
    await readOne({ name: "kv/a", method: "PUT" });
    expect(reads()).toMatchObject([{ method: "PUT", body: "" }]);
  });

  test("may name another namespace than the login, and the root", async () => {
    const session = await vault.open({ namespace: "team" });
    for (const more of [{}, { namespace: "other/x" }, { namespace: "/" }]) {
      await readOne({ name: "kv/a", ...more }, Promise.resolve(session));
    }
    const namespaces = vault.server.requests.map(({ headers }) => headers["x-vault-namespace"]);
    expect(namespaces).toEqual(["team", "team", "other/x", undefined]);
  });
});

describe("what a store says of a ref", () => {
  for (const [method, effect] of [
    ["GET", "read"],
    ["LIST", "read"],
    ["HEAD", "read"],
    ["PUT", "issue"],
    ["POST", "issue"],
    ["PATCH", "issue"],
    ["DELETE", "issue"],
  ]) {
    test(`${method} is to ${effect}, and its answer says the same`, async () => {
      expect(vault.store.effect(vault.store.ref.parse({ name: "kv/a", method }))).toBe(effect);
      const outcome = await readOne({ name: "kv/a", method });
      if (method === "HEAD") return expect(outcome.ok === false && outcome.error.message).toMatch(/empty response/);
      expect(outcome.ok === true && outcome.secret.issued === true).toBe(effect === "issue");
    });
  }
});

describe("a write", () => {
  test("is sent once, whatever becomes of it", async () => {
    for (const answer of ["reset", { status: 502 }, { status: 500 }, { status: 412 }] as const) {
      const session = await vault.open();
      await readOne("kv/warm", Promise.resolve(session));
      const before = reads().length;
      vault.answer({ read: answer });
      const outcome = await readOne({ name: "pki/issue/web", method: "PUT" }, Promise.resolve(session));
      expect(outcome.ok).toBe(false);
      expect(reads().length - before).toBe(1);
      vault.answer({ read: { body: { data: { a: 1 } } } });
    }
  });

  test("that is denied names the capability", async () => {
    vault.answer({ read: { status: 403, body: { errors: ["permission denied"] } } });
    const outcome = await readOne({ name: "pki/issue/web", method: "PUT" });
    expect(outcome.ok === false && outcome.error.details.fix).toBe(
      'give a policy of role "shop" the capability "update" on "pki/issue/web"',
    );
  });
});

describe("a session", () => {
  const login = (auth: object) => vault.answer({ login: { body: { auth: { client_token: token, ...auth } } } });
  const pod = { name: "web-1", uid: "6f1c" };
  const rows: readonly [what: string, metadata: object | null, scope: "pod" | undefined][] = [
    ["whose login names the pod", { role: "r", pod_name: "web-1" }, "pod"],
    ["whose login names the pod's uid", { anything: "6f1c" }, "pod"],
    ["whose login names the service account", { service_account_name: "web" }, undefined],
    ["whose login names nothing", null, undefined],
  ];
  for (const [what, metadata, scope] of rows) {
    test(`${what} is for ${scope ?? "the service account"}`, async () => {
      login({ metadata });
      expect((await vault.open({}, { ...identity, pod })).scope).toBe(scope);
      expect((await vault.open()).scope).toBeUndefined();
    });
  }

  const renewal = { status: 200, body: { auth: { client_token: token, lease_duration: 7200, renewable: true } } };
  const lease = { body: { lease_id: "db/1", lease_duration: 60, data: { user: "u" } } };

  test("with a lease is renewed: its end moves", async () => {
    login({ lease_duration: 60, renewable: true });
    vault.answer({ read: ({ path }) => (path.endsWith("/renew-self") ? renewal : lease) });
    const session = await vault.open({ namespace: "team" });
    expect(await session.renew?.(vault.context())).toBe(false);
    await readOne("database/creds/x", Promise.resolve(session));
    const before = session.expiresAt ?? 0;
    expect(await session.renew?.(vault.context())).toBe(true);
    expect((session.expiresAt ?? 0) - before).toBeGreaterThan(7_000_000);
    expect(vault.server.requests.at(-1)).toMatchObject({
      method: "POST",
      url: "/v1/auth/token/renew-self",
      headers: { "x-vault-token": token, "x-vault-namespace": "team" },
    });
    expect(vault.counted).toEqual(["login", "read", "renew"]);
    await session.close();
    expect(vault.counted).toHaveLength(3);
  });

  test("that cannot be renewed, or no longer, says so", async () => {
    login({ lease_duration: 60, renewable: false });
    vault.answer({ read: lease });
    const session = await vault.open();
    await readOne("database/creds/x", Promise.resolve(session));
    expect(await session.renew?.(vault.context())).toBe(false);
    login({ lease_duration: 60, renewable: true });
    const last = { ...renewal, body: { auth: { client_token: token, lease_duration: 5, renewable: false } } };
    vault.answer({ read: ({ path }) => (path.endsWith("/renew-self") ? last : lease) });
    const other = await vault.open();
    await readOne("database/creds/x", Promise.resolve(other));
    expect([await other.renew?.(vault.context()), await other.renew?.(vault.context())]).toEqual([true, false]);
  });

  for (const [what, status, id] of [
    ["refuses", 403, "LK0032"],
    ["is sealed for", 503, "LK0041"],
    ["breaks at", 500, "LK0036"],
  ] as const) {
    test(`that the server ${what} a renewal throws ${id}`, async () => {
      login({ lease_duration: 60, renewable: true });
      const errors = status === 500 ? [] : [`Vault is sealed ${token}`];
      vault.answer({ read: ({ path }) => (path.endsWith("/renew-self") ? { status, body: { errors } } : lease) });
      const session = await vault.open();
      await readOne("database/creds/x", Promise.resolve(session));
      const error = await session.renew?.(vault.context()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ id });
      expect(String(error)).toMatch(/couldn't renew the token of auth\/kubernetes \(status \d+\)/);
      expect(String(error)).not.toContain("CANARY");
    });
  }
});
