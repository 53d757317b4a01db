import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenBao, startOpenBao } from "../../servers/openbao.ts";
import { enableDatabase, enablePki, enableTransit, writePolicy } from "../../servers/openbao-engines.ts";
import { enableJwtAuth, enableKv, putKv1, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { type Postgres, startPostgres } from "../../servers/postgres.ts";
import { createTokenIssuer } from "../../tokens.ts";
import { askRealVault, fieldsOf, type RealVault } from "./real-vault.ts";

let bao: OpenBao;
let postgres: Postgres;
let vault: RealVault;

beforeAll(async () => {
  const [server, database, issuer] = await Promise.all([startOpenBao(), startPostgres(), createTokenIssuer()]);
  [bao, postgres, vault] = [server, database, askRealVault(server, issuer)];
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await writeJwtRole(bao, { role: "shop", audience: "vault", policies: ["shop"] });
  await Promise.all([enablePki(bao), enableTransit(bao), enableDatabase(bao, postgres), enableKv(bao, "kv1", 1)]);
  await writePolicy(bao, "shop", {
    "pki/issue/web": ["update"],
    "transit/+/shop": ["update"],
    "transit/datakey/plaintext/shop": ["update"],
    "database/creds/shop": ["read"],
    "secret/data/shop/*": ["read"],
    "secret/metadata/shop/*": ["list"],
    "kv1/shop": ["read", "update"],
    "sys/mounts": ["read"],
  });
});

afterAll(async () => {
  await vault?.shutdown();
  await bao?.stop();
  await postgres?.stop();
});

/** Returns the requests of ours that the server itself says it got since. */
async function audited(since: number): Promise<readonly string[]> {
  const requests = (await bao.audited()).slice(since).filter(({ byRoot }) => !byRoot);
  return requests.map(({ operation, path }) => `${operation} ${path}`);
}

describe("a certificate", () => {
  const ref = { name: "pki/issue/web", method: "PUT", args: { common_name: "a.shop.test", ttl: "24h" } };

  test("is issued by a PUT with arguments, once, and ends when it ends", async () => {
    const session = await vault.open();
    const before = (await bao.audited()).length;
    const secret = await vault.secret(session, ref);
    expect(await audited(before)).toEqual(["update pki/issue/web"]);
    const { certificate = "", private_key = "", expiration } = fieldsOf(secret);
    const leaf = new X509Certificate(certificate);
    expect([leaf.subject, private_key.split("\n")[0]]).toEqual(["CN=a.shop.test", "-----BEGIN EC PRIVATE KEY-----"]);
    expect([secret.issued, secret.expiresAt]).toEqual([true, leaf.validToDate.getTime()]);
    expect(secret.expiresAt).toBe(Number(expiration) * 1000);
    await session.close();
    expect((await audited(before)).at(-1)).toBe("update auth/token/revoke-self");
  });

  test("that the role does not allow is told as a wrong request, one without the right as a denial", async () => {
    const session = await vault.open();
    const wrong = await vault.error(session, { ...ref, args: { common_name: "evil.test" } });
    expect([wrong.id, wrong.details.storeCode]).toEqual(["LK0037", "400"]);
    expect(wrong.message).toContain(
      "couldn't read secret pki/issue/web (status 400): common name evil.test not allowed",
    );
    const denied = await vault.error(session, { ...ref, name: "pki/issue/other" });
    expect([denied.id, denied.details.fix]).toEqual([
      "LK0033",
      'give a policy of role "shop" the capability "update" on "pki/issue/other"',
    ]);
  });
});

describe("transit", () => {
  test("encrypts and decrypts, and makes data keys", async () => {
    const session = await vault.open();
    const plaintext = Buffer.from("CANARY").toString("base64");
    const encrypted = await vault.secret(session, { name: "transit/encrypt/shop", method: "PUT", args: { plaintext } });
    const { ciphertext } = fieldsOf(encrypted);
    expect(ciphertext).toMatch(/^vault:v1:/);
    const args = { ciphertext };
    expect(await vault.text(session, { name: "transit/decrypt/shop", method: "POST", args })).toBe(
      `{"plaintext":"${plaintext}"}`,
    );
    const key = await vault.secret(session, { name: "transit/datakey/plaintext/shop", method: "POST" });
    expect(Object.keys(fieldsOf(key)).sort()).toEqual(["ciphertext", "key_version", "plaintext"]);
    expect([key.issued, key.expiresAt]).toEqual([true, undefined]);
  });
});

describe("a database user", () => {
  test("has a lease, its session is renewed and not revoked, and PostgreSQL knows it", async () => {
    const session = await vault.open();
    const secret = await vault.secret(session, "database/creds/shop");
    const { username } = fieldsOf(secret);
    expect(username).toMatch(/^v-/);
    expect(secret.issued).toBe(true);
    expect(Math.abs((secret.expiresAt ?? 0) - Date.now() - 60_000)).toBeLessThan(15_000);
    expect(await session.renew?.(vault.context())).toBe(true);
    await session.close();
    expect(vault.counted.slice(-3)).toEqual(["login", "read", "renew"]);
    const leases = await bao.request<{ data: { keys: string[] } }>("LIST", "sys/leases/lookup/database/creds/shop");
    expect(leases.data.keys).toHaveLength(1);
  });
});

describe("key-value secrets", () => {
  beforeAll(async () => {
    for (const password of ["one", "two", "three"]) await putKv2(bao, "shop/db", { password });
    await bao.request("POST", "secret/delete/shop/db", { versions: [2] });
    await bao.request("POST", "secret/destroy/shop/db", { versions: [1] });
    await putKv1(bao, "shop", { user: "u", n: 12_345_678_901 }, "kv1");
  });

  const rows: readonly [ref: string | object, text: string][] = [
    ["secret/data/shop/db", '{"password":"three"}'],
    ["secret/data/shop/db?version=3", '{"password":"three"}'],
    ["secret/data/shop/db?version=2", "LK0034"],
    ["secret/data/shop/db?version=1", "LK0034"],
    ["secret/data/shop/db?version=9", "LK0034"],
    ["kv1/shop", '{"n":12345678901,"user":"u"}'],
    [{ name: "secret/metadata/shop/", method: "LIST" }, '{"keys":["db"]}'],
    [{ name: "secret/metadata/shop", method: "GET" }, "LK0033"],
    ["secret/metadata/shop?list=true", '{"keys":["db"]}'],
    [{ name: "kv1/shop", method: "GET", args: { ignored: true } }, '{"n":12345678901,"user":"u"}'],
    [{ name: "kv1/shop", method: "PUT", args: { user: "u", n: 1 } }, "LK0036"],
    ["kv1/shop", '{"n":1,"user":"u"}'],
  ];
  test("answer as the API says: versions, deletions, lists, bodies on reads, and a write of 204", async () => {
    const session = await vault.open();
    const texts: string[] = [];
    for (const [ref] of rows) texts.push(await vault.text(session, ref));
    expect(texts).toEqual(rows.map(([, text]) => text));
    const said = async (path: string) => (await vault.error(session, path)).message;
    expect(await said("secret/data/shop/db?version=2")).toMatch(/: version 2 was deleted at 20[0-9T:.-]+Z$/);
    expect(await said("secret/data/shop/db?version=1")).toMatch(/: version 1 was destroyed$/);
    expect(await said("secret/data/shop/db?version=9")).toMatch(/ \(status 404\)$/);
    const pinned = await vault.secret(session, "secret/data/shop/db?version=3");
    expect([pinned.version, pinned.immutable]).toEqual(["3", true]);
    const empty = await vault.error(session, { name: "kv1/shop", method: "PUT", args: { user: "u", n: 1 } });
    expect(empty.message).toBe("the server's answer cannot be used: empty response from kv1/shop");
  });

  test("are as many requests as secrets, and one login", async () => {
    const before = (await bao.audited()).length;
    const session = await vault.open();
    const refs = ["secret/data/shop/db", "kv1/shop", "secret/data/shop/db?version=3"];
    await Promise.all(refs.map((ref) => vault.text(session, ref)));
    await session.close();
    const [login, ...others] = await audited(before);
    expect([login, others.pop()]).toEqual(["update auth/kubernetes/login", "update auth/token/revoke-self"]);
    expect(others.sort()).toEqual(["read kv1/shop", "read secret/data/shop/db", "read secret/data/shop/db"]);
  });
});
