import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTokenIssuer, type IssuedToken } from "../tokens.ts";
import { issuer, writeSigningKey } from "./api-server.ts";
import { longestStart } from "./cluster.ts";
import { type Installed, ownToken } from "./installed.ts";
import { makePod, requestToken } from "./objects.ts";
import { makeVaultClass, type Scene, shopPod, startScene, vaultSpec } from "./scene.ts";
import { until } from "./until.ts";

let scene: Scene;
let latchkey: Installed;

beforeAll(async () => {
  scene = await startScene({ providers: ["vault"], config: { refresh: "0s" } });
  await makeVaultClass(scene);
  latchkey = await scene.run();
}, longestStart);

afterAll(() => scene?.stop());

const read = (target: string) => readFile(join(target, "password"), "utf8");

let number = 0;

/** Asks with a token that says it is for Vault; gives the error, where there is one, and the log line. */
async function mountWith(granted: IssuedToken | string) {
  number += 1;
  const expirationTimestamp = new Date(Date.now() + 600_000).toISOString();
  const token = typeof granted === "string" ? { token: granted, expirationTimestamp } : granted;
  const name = `beside-${number}`;
  const usual = { namespace: "shop", serviceAccount: "payments", pod: name, secretProviderClass: "db" };
  const mount = { ...usual, spec: vaultSpec(scene), tokens: { vault: token } };
  const outcome = await scene.mountBeside(mount).catch((error: Error) => error);
  const { proved, result, storeCalls } = await latchkey.mountOf(name);
  return { ...(outcome instanceof Error ? { error: outcome.message } : {}), proved, result, storeCalls };
}

const served = { proved: true, result: "ok" };
const refused = { proved: false, error: expect.stringContaining("LK0032") };

describe("tokens of a real cluster", () => {
  it("prove a pod's identity, and its files are delivered by the real driver", async () => {
    const { target } = await scene.kubelet.publish(shopPod("web-0"));
    expect(await read(target)).toBe("p1");
    expect(await latchkey.mountOf("web-0")).toMatchObject(served);
  });

  it("give a second pod of the account its files while the store is away", async () => {
    await scene.kubelet.publish(shopPod("web-0"));
    await scene.bao.seal();
    try {
      const { target } = await scene.kubelet.publish(shopPod("web-1"));
      expect(await read(target)).toBe("p1");
      expect(await latchkey.mountOf("web-1")).toMatchObject({ proved: true, stale: 1 });
    } finally {
      await scene.bao.unseal();
    }
    await until(
      async () => {
        await scene.kubelet.publish(shopPod("web-0"));
        return await latchkey.mountOf("web-0");
      },
      ({ stale }) => stale === 0 || stale === undefined,
    );
  });

  it("bound to a pod, or to the account alone, prove it", async () => {
    const uid = await makePod(scene.cluster, { namespace: "shop", name: "bound", serviceAccount: "payments" });
    const account = { namespace: "shop", serviceAccount: "payments", audiences: ["vault"] };
    const bound = await requestToken(scene.cluster, { ...account, pod: { name: "bound", uid } });
    for (const token of [bound, await requestToken(scene.cluster, account)]) {
      expect(await mountWith(token)).toMatchObject(served);
    }
  });

  it("of another account end the mount before the store is asked", async () => {
    const other = await requestToken(scene.cluster, { namespace: "shop", serviceAccount: "web", audiences: ["vault"] });
    const none = { login: 0, read: 0 };
    expect(await mountWith(other)).toMatchObject({ error: expect.stringContaining("LK0010"), storeCalls: none });
  });

  it("for another audience prove nothing, and the store refuses them", async () => {
    const account = { namespace: "shop", serviceAccount: "payments" };
    const wrong = [["bank"], []].map((audiences) => requestToken(scene.cluster, { ...account, audiences }));
    for (const token of await Promise.all(wrong)) expect(await mountWith(token)).toMatchObject(refused);
  });

  it("without an end or an audience, as Secrets hold them, prove nothing, and the store refuses them", async () => {
    const path = "/api/v1/namespaces/shop/secrets";
    const annotations = { "kubernetes.io/service-account.name": "payments" };
    const metadata = { name: "legacy", annotations };
    await scene.cluster.admin.create(path, { metadata, type: "kubernetes.io/service-account-token" });
    const secret = await until(
      () => scene.cluster.admin.get<{ data?: { token?: string } }>(`${path}/legacy`),
      (found) => found?.data?.token !== undefined,
    );
    const token = Buffer.from(secret?.data?.token ?? "", "base64").toString();
    expect(await mountWith(token)).toMatchObject(refused);
  });

  it("of another issuer, or signed by another's key, prove nothing, and the store refuses them", async () => {
    const claims = { namespace: "shop", serviceAccount: "payments", audience: "vault" };
    const [forger, stranger] = await Promise.all([
      createTokenIssuer({ issuer, algorithm: "RS256" }),
      createTokenIssuer({ issuer: "https://elsewhere.example.com" }),
    ]);
    const accept = "application/jwk-set+json";
    const jwks = await scene.cluster.admin.call({ method: "GET", path: "/openid/v1/jwks", headers: { accept } });
    const { keys } = jwks.json<{ keys: { kid: string }[] }>();
    const tokens = [
      forger.token(claims),
      forger.token({ ...claims, header: { kid: keys[0]?.kid } }),
      stranger.token(claims),
    ];
    for (const token of await Promise.all(tokens)) expect(await mountWith(token)).toMatchObject(refused);
  });
});

describe("when the cluster's signing key changes", () => {
  it("tokens of the new key are proved, and those of one that was taken away no longer", async () => {
    const account = { namespace: "shop", serviceAccount: "payments", audiences: ["vault"] };
    const old = await requestToken(scene.cluster, account);
    expect(await mountWith(old)).toMatchObject(served);
    const second = "service-accounts-2";
    await writeSigningKey(scene.cluster.directory, second);
    await scene.cluster.stopApi();
    await scene.cluster.startApi({ signs: second, verify: [second] });
    await scene.trustAgain();
    await writeFile(latchkey.tokenFile, await ownToken(scene.cluster));
    // Tokens of a key that is not known have the keys read again, no more often than every half minute.
    const renewed = await requestToken(scene.cluster, account);
    const proved = await until(
      () => mountWith(renewed),
      (outcome) => outcome.proved === true,
      1_000,
    );
    expect(proved).toMatchObject(served);
    expect(await mountWith(old)).toMatchObject(refused);
  }, 120_000);
});
