import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { outcomesOf } from "../outcomes.ts";
import { identity, jwt, type ScriptedVault, startScriptedVault, token } from "./scripted-vault.ts";

const ambient = {
  VAULT_ADDR: "http://127.0.0.1:9",
  VAULT_TOKEN: "CANARY-ambient",
  VAULT_NAMESPACE: "ambient",
  VAULT_PREFIX: "/ambient",
  VAULT_SKIP_VERIFY: "false",
  HTTP_PROXY: "http://127.0.0.1:9",
  http_proxy: "http://127.0.0.1:9",
};

let vault: ScriptedVault;
beforeEach(async () => {
  vault = await startScriptedVault();
  vault.answer({ read: { body: { data: { a: 1 } } } });
});
afterEach(() => vault.stop());

function loginWith(auth: object): void {
  vault.answer({ login: { body: { auth: { client_token: token, ...auth } } } });
}

describe("a Vault session", () => {
  test("sends what Vault's own client sends, and nothing of the environment", async () => {
    const before = new Map(Object.keys(ambient).map((name) => [name, process.env[name]]));
    Object.assign(process.env, ambient);
    try {
      const session = await vault.open();
      await vault.read(session, "secret/data/a b?version=3&a=1");
      await session.close();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    const [login, read, revoke] = vault.server.requests;
    expect(vault.server.requests).toHaveLength(3);
    expect(login).toMatchObject({ method: "POST", url: "/v1/auth/kubernetes/login" });
    expect(JSON.parse(login?.body ?? "")).toEqual({ jwt, role: "shop" });
    expect(read).toMatchObject({ method: "GET", url: "/v1/secret/data/a%20b?a=1&version=3", body: "" });
    expect(revoke).toMatchObject({ method: "POST", url: "/v1/auth/token/revoke-self" });
    const shown = vault.server.requests.map(({ headers }) => [headers["x-vault-request"], headers["x-vault-token"]]);
    expect(shown).toEqual([
      ["true", undefined],
      ["true", token],
      ["true", token],
    ]);
    expect(vault.server.requests.map(({ headers }) => headers["x-vault-namespace"])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(vault.counted).toEqual(["login", "read", "revoke"]);
  });

  test("uses mount, namespace, audience and base path of its settings", async () => {
    const tokens = new Map([["bao", [...identity.tokens.values()][0] ?? expect.unreachable()]]);
    const settings = vault.store.settings("pod").parse({
      address: `${vault.server.url}/base/path/`,
      role: "r",
      mount: "/jwt/cluster a/",
      namespace: "team/a/",
      audience: "bao",
    });
    const context = { signal: AbortSignal.timeout(5000), count: () => undefined };
    const session = await vault.store.open({ identity: { ...identity, tokens }, settings, found: new Map(), context });
    await vault.read(session);
    expect(vault.server.requests.map(({ url, headers }) => [url, headers["x-vault-namespace"]])).toEqual([
      ["/base/path/v1/auth/jwt/cluster%20a/login", "team/a"],
      ["/base/path/v1/secret/data/db", "team/a"],
    ]);
  });

  test("ends with its login", async () => {
    const now = Date.now();
    const { expiresAt = 0 } = await vault.open();
    expect(expiresAt - now).toBeGreaterThan(3_590_000);
    expect(expiresAt - now).toBeLessThan(3_610_000);
    loginWith({ lease_duration: 0 });
    expect((await vault.open()).expiresAt).toBeUndefined();
  });

  const bounded: readonly [uses: unknown, reads: number, revoked: boolean][] = [
    [4, 3, true],
    [2, 1, true],
    [1, 1, false],
  ];
  for (const [uses, reads, revoked] of bounded) {
    test(`of a token that is good for ${uses} requests is spent after ${reads}`, async () => {
      loginWith({ token_type: "service", num_uses: uses });
      const session = await vault.open();
      for (let read = 0; read < reads; read += 1) {
        expect(session.spent).toBe(false);
        await vault.read(session);
      }
      expect(session.spent).toBe(true);
      await session.close();
      const paths = vault.server.requests.map(({ path }) => path);
      expect(paths.includes("/v1/auth/token/revoke-self")).toBe(revoked);
    });
  }

  for (const uses of [0, -1, "3", null, undefined, 2 ** 53]) {
    test(`is not spent after some reads where the login says num_uses: ${uses}`, async () => {
      loginWith({ num_uses: uses });
      const session = await vault.open();
      for (let read = 0; read < 3; read += 1) await vault.read(session);
      expect(session.spent).toBe(false);
    });
  }

  const kept: readonly [what: string, auth: object, read: object][] = [
    ["a batch token", { token_type: "batch" }, { data: { a: 1 } }],
    ["a batch token of an older server", { client_token: "hvb.x" }, { data: { a: 1 } }],
    ["a token that made a lease", { token_type: "service" }, { lease_id: "database/creds/x/1", data: { a: 1 } }],
    ["a token that made a token", { token_type: "service" }, { auth: { client_token: "y" }, data: { a: 1 } }],
  ];
  for (const [what, auth, read] of kept) {
    test(`does not revoke ${what}`, async () => {
      loginWith(auth);
      vault.answer({ read: { body: read } });
      const session = await vault.open();
      await vault.read(session);
      await session.close();
      expect(vault.server.requests.map(({ path }) => path)).not.toContain("/v1/auth/token/revoke-self");
    });
  }

  test("closes quietly where the server is gone", async () => {
    const session = await vault.open();
    await vault.server.stop();
    expect(await session.close()).toBeUndefined();
    vault = await startScriptedVault();
  });

  test("reads in parallel, but never more at once than the host allows", async () => {
    let now = 0;
    let most = 0;
    const slow = () =>
      new Promise<{ body: object }>((resolve) => {
        most = Math.max(most, ++now);
        setTimeout(() => {
          now--;
          resolve({ body: { data: { a: 1 } } });
        }, 20);
      });
    const session = await vault.open();
    vault.server.answerWith(slow);
    const refs = Array.from({ length: 12 }, (_, at) => vault.store.ref.parse({ name: `kv/${at}` }));
    await outcomesOf(session, refs, { signal: AbortSignal.timeout(5000), count: () => undefined });
    expect(most).toBe(4);
  });

  test("follows one redirect to the active server", async () => {
    const active = await startScriptedVault();
    active.answer({ read: { body: { data: { from: "active" } } } });
    vault.answer({
      login: { status: 307, headers: { location: `${active.server.url}/v1/auth/kubernetes/login` } },
      read: ({ url }) => ({ status: 307, headers: { location: `${active.server.url}${url}` } }),
    });
    const [outcome] = await vault.read(await vault.open());
    expect(outcome?.ok === true && Buffer.from(outcome.secret.value.reveal()).toString()).toBe('{"from":"active"}');
    await active.stop();
  });
});

const wrongSettings: readonly [what: string, settings: object][] = [
  ["no address", { role: "r" }],
  ["no role", { address: "https://v" }],
  ["another scheme", { address: "ftp://v", role: "r" }],
  ["a Unix socket without a path", { address: "unix://", role: "r" }],
  ["a relative Unix socket", { address: "unix://run/vault.sock", role: "r" }],
  ["a Unix socket of too long a name", { address: `unix:///${"x".repeat(108)}`, role: "r" }],
  ["an empty list of addresses", { address: [], role: "r" }],
  ["17 addresses", { address: Array.from({ length: 17 }, (_, at) => `https://v${at}`), role: "r" }],
  ["a number among the addresses", { address: ["https://v", 1], role: "r" }],
  ["a user in the address", { address: "https://u:p@v", role: "r" }],
  ["a query in the address", { address: "https://v?x=1", role: "r" }],
  ["a mount that climbs", { address: "https://v", role: "r", mount: "../sys" }],
  ["an empty mount", { address: "https://v", role: "r", mount: "/" }],
  ["a header break in the namespace", { address: "https://v", role: "r", namespace: "a\r\nb: c" }],
  ["a CA that is none", { address: "https://v", role: "r", ca: "x" }],
  ["a CA file by a pod author", { address: "https://v", role: "r", caFile: "/etc/ca.pem" }],
  ["another kind", { kind: "file", address: "https://v", role: "r" }],
];

describe("Vault settings", () => {
  for (const [what, settings] of wrongSettings) {
    test(`with ${what} are refused`, () => {
      expect(vault.store.settings("pod").safeParse(settings).success).toBe(false);
    });
  }

  test("of equal meaning are equal", () => {
    const parse = (settings: object) => vault.store.settings("pod").parse({ role: "r", ...settings });
    const plain = parse({ address: "https://Vault.example:443/" });
    expect(plain).toEqual({
      addresses: ["https://vault.example"],
      addressFrom: "pod",
      flavour: "vault",
      tls: {},
      auth: { method: "jwt", mount: "kubernetes", role: "r", audience: "vault", audienceChosen: false },
    });
    expect(parse({ address: "https://vault.example", mount: "kubernetes/" })).toEqual(plain);
    expect(parse({ address: "https://vault.example", audience: "vault" }).auth).toMatchObject({ audienceChosen: true });
  });

  test("of an operator may name a CA file", () => {
    const settings = vault.store.settings("operator").parse({ address: "https://v", role: "r", caFile: "/etc/ca.pem" });
    expect(settings).toMatchObject({ addressFrom: "operator", tls: { caFile: "/etc/ca.pem" } });
  });
});

test("a pod author's address passes the address policy, an operator's is trusted", async () => {
  const strict = await startScriptedVault([]);
  await expect(strict.open()).rejects.toThrow(expect.objectContaining({ id: "LK0022" }));
  await expect(strict.open({ addresses: ["unix:///run/x.sock"] })).rejects.toThrow(
    expect.objectContaining({ id: "LK0022" }),
  );
  expect(strict.server.requests).toEqual([]);
  expect(await strict.open({ addressFrom: "operator" })).toBeDefined();
  const unix = strict.open({ addressFrom: "operator", addresses: ["unix:///nonexistent/x.sock"] });
  expect(((await unix.catch((thrown) => thrown)) as ProviderError).message).toBe(
    "no connection to unix:///nonexistent/x.sock (ENOENT)",
  );
  await strict.stop();
});
