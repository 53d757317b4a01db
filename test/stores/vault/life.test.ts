import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenBao, startOpenBao } from "../../servers/openbao.ts";
import { enableDatabase, writePolicy } from "../../servers/openbao-engines.ts";
import { enableJwtAuth, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { type Postgres, startPostgres } from "../../servers/postgres.ts";
import { createTokenIssuer } from "../../tokens.ts";
import { askRealVault, type RealVault } from "./real-vault.ts";

let bao: OpenBao;
let postgres: Postgres;
let vault: RealVault;

beforeAll(async () => {
  const [server, database, issuer] = await Promise.all([startOpenBao(), startPostgres(), createTokenIssuer()]);
  [bao, postgres, vault] = [server, database, askRealVault(server, issuer)];
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await writePolicy(bao, "shop", { "secret/data/shop/*": ["read"], "database/creds/shop": ["read"] });
  await writeJwtRole(bao, { role: "shop", audience: "vault", policies: ["shop"], ttl: "6s" });
  await enableDatabase(bao, postgres);
  await putKv2(bao, "shop/db", { password: "one" });
});

afterAll(async () => {
  await vault?.shutdown();
  await bao?.stop();
  await postgres?.stop();
});

async function leases(): Promise<number> {
  const listed = bao.request<{ data: { keys: string[] } }>("LIST", "sys/leases/lookup/database/creds/shop");
  return listed.then(({ data }) => data.keys.length).catch(() => 0);
}

describe("a token of six seconds", () => {
  test("ends when it said, its lease with it, unless it is renewed", async () => {
    const [kept, left] = [await vault.open(), await vault.open()];
    expect((kept.expiresAt ?? 0) - Date.now()).toBeLessThan(6_001);
    await vault.secret(kept, "database/creds/shop");
    await vault.secret(left, "database/creds/shop");
    expect(await leases()).toBe(2);
    while ((await vault.text(left, "secret/data/shop/db")) !== "LK0033") {
      const before = kept.expiresAt ?? 0;
      expect(await kept.renew?.(vault.context())).toBe(true);
      expect(kept.expiresAt ?? 0).toBeGreaterThanOrEqual(before);
      await sleep(500);
    }
    expect(await kept.renew?.(vault.context())).toBe(true);
    expect(await vault.text(kept, "secret/data/shop/db")).toBe('{"password":"one"}');
    await expect.poll(leases, { timeout: 10_000 }).toBe(1);
    await expect(left.renew?.(vault.context())).rejects.toMatchObject({ id: "LK0032", reason: "denied" });
  });
});

describe("a sealed server", () => {
  test("is an outage to reads, writes, logins and renewals; sessions go on when it is unsealed", async () => {
    await writeJwtRole(bao, { role: "long", audience: "vault", policies: ["shop"], ttl: "1h" });
    const session = await vault.open({ settings: { role: "long" } });
    await vault.secret(session, "database/creds/shop");
    await bao.seal();
    try {
      expect(await vault.text(session, "secret/data/shop/db")).toBe("LK0041");
      expect(await vault.text(session, { name: "secret/data/shop/db", method: "PUT", args: {} })).toBe("LK0041");
      expect(await vault.refusal({ settings: { role: "long" } })).toBe("LK0041");
      await expect(session.renew?.(vault.context())).rejects.toMatchObject({ id: "LK0041", reason: "outage" });
    } finally {
      await bao.unseal();
    }
    expect(await vault.text(session, "secret/data/shop/db")).toBe('{"password":"one"}');
    expect(await session.renew?.(vault.context())).toBe(true);
  });

  test("is passed over where another one is not", async () => {
    const issuer = await createTokenIssuer();
    const other = await startOpenBao();
    await enableJwtAuth(other, { publicKeyPem: issuer.publicKeyPem() });
    await writeJwtRole(other, { role: "shop", audience: "vault", policies: ["shop"] });
    await writePolicy(other, "shop", { "secret/data/shop/*": ["read"] });
    await putKv2(other, "shop/db", { password: "other" });
    const asking = askRealVault(other, issuer);
    await bao.seal();
    try {
      const session = await asking.open({ settings: { address: [bao.address, other.address] } });
      expect(await asking.text(session, "secret/data/shop/db")).toBe('{"password":"other"}');
      await session.close();
    } finally {
      await bao.unseal();
      await asking.shutdown();
      await other.stop();
    }
  });
});
