import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTokenIssuer } from "../tokens.ts";
import { type OpenBao, startOpenBao } from "./openbao.ts";
import { allowReads, enableJwtAuth, enableKv, putKv1, putKv2, writeJwtRole } from "./openbao-setup.ts";

for (const tls of [false, true]) {
  describe(tls ? "OpenBao over TLS" : "OpenBao in development mode", () => {
    let bao: OpenBao;
    beforeAll(async () => {
      bao = await startOpenBao({ tls });
    });
    afterAll(() => bao.stop());

    test("keeps KV secrets of both versions", async () => {
      expect(await putKv2(bao, "shop/db", { password: "one" })).toBe(1);
      expect(await putKv2(bao, "shop/db", { password: "two" })).toBe(2);
      expect(await bao.request("GET", "secret/data/shop/db")).toMatchObject({ data: { data: { password: "two" } } });
      await enableKv(bao, "kv1", 1);
      await putKv1(bao, "shop/db", { password: "three" }, "kv1");
      expect(await bao.request("GET", "kv1/shop/db")).toMatchObject({ data: { password: "three" } });
    });

    test("logs a service account in by its token, and nobody else", async () => {
      const issuer = await createTokenIssuer();
      await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem(), issuer: issuer.issuer });
      await allowReads(bao, "shop", ["secret/data/shop/*"]);
      const subject = "system:serviceaccount:shop:web";
      await writeJwtRole(bao, { role: "shop", audience: "vault", subject, policies: ["shop"] });
      const login = async (serviceAccount: string) => {
        const jwt = await issuer.token({ namespace: "shop", serviceAccount, audience: "vault" });
        return bao.request("POST", "auth/kubernetes/login", { jwt, role: "shop" });
      };
      expect(await login("web")).toMatchObject({ auth: { policies: ["default", "shop"], lease_duration: 3600 } });
      await expect(login("other")).rejects.toThrow("answered 400");
    });

    test("tells which requests it got", async () => {
      const before = (await bao.audited()).length;
      await bao.request("POST", "auth/kubernetes/login", { jwt: "none", role: "shop" }).catch(() => undefined);
      await bao.request("GET", "secret/data/shop/db");
      expect((await bao.audited()).slice(before)).toEqual([
        { operation: "update", path: "auth/kubernetes/login", byRoot: true },
        { operation: "read", path: "secret/data/shop/db", byRoot: true },
      ]);
    });

    test("can be sealed and unsealed", async () => {
      await bao.seal();
      await expect(bao.request("GET", "sys/mounts")).rejects.toThrow("answered 503");
      await bao.unseal();
      expect(await bao.request("GET", "sys/mounts")).toHaveProperty(["secret/"]);
    });
  });
}

describe("an OpenBao server", () => {
  test("is trusted over TLS only with its own authority, and is gone after stop", async () => {
    const bao = await startOpenBao({ tls: true });
    const stranger = new Agent();
    const call = () => stranger.request({ origin: bao.address, path: "/v1/sys/health", method: "GET" });
    await expect(call()).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    await bao.stop();
    await expect(call()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(existsSync(dirname(bao.caFile ?? ""))).toBe(false);
    await stranger.close();
  });

  test("shares the machine with others that start at the same time", async () => {
    const servers = await Promise.all([startOpenBao(), startOpenBao(), startOpenBao({ tls: true })]);
    expect(new Set(servers.map(({ address }) => address)).size).toBe(3);
    await Promise.all(servers.map((server) => server.stop()));
  });
});
