import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { allowReads, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { createTokenIssuer, type IssuedToken } from "../../tokens.ts";
import type { TestNode } from "../node.ts";
import { contentOf, podNumber } from "./matrix.ts";
import { startVaultRig, type VaultRig } from "./vault-scene.ts";

const audiences = ["vault"];
const payments = { namespace: "shop", serviceAccount: "payments" };
const reads = { method: "GET", path: /^\/v1\/secret\// } as const;

let rig: VaultRig;
let node: TestNode;

beforeAll(async () => {
  rig = await startVaultRig();
  await allowReads(rig.bao, "known", ["secret/data/known"]);
  const subject = "system:serviceaccount:shop:payments";
  await writeJwtRole(rig.bao, { role: "payments", audience: "vault", subject, policies: ["known"] });
  // The store believes an expired token for longer than Latchkey does.
  await rig.bao.request("POST", "auth/kubernetes/role/payments", {
    role_type: "jwt",
    user_claim: "sub",
    clock_skew_leeway: 600,
  });
  await rig.write("known", "of payments");
});

afterEach(async () => {
  await rig.plain.accept();
  rig.plain.clearFaults();
  rig.plain.setLatency(0);
  rig.plain.resetCounts();
  await node?.stop();
});

afterAll(async () => {
  await rig?.stop();
});

/** A node on which the account `shop/payments` has mounted its secret, which is fresh for long. */
async function startWithKnown(): Promise<void> {
  node = await rig.node({ refresh: "1h", mountTimeout: "10s", denyMemory: "0s" });
  await node.publish(volume());
  rig.plain.resetCounts();
}

function volume() {
  return rig.volume(rig.plain.url, "known", "payments");
}

/** The account has what it had: it is answered without the store. */
async function expectUntouched(): Promise<void> {
  rig.plain.resetCounts();
  const { target } = await node.publish({ ...volume(), pod: podNumber(9) });
  expect(await contentOf(target)).toBe("of payments");
  expect([rig.plain.count(), node.mounts().at(-1)]).toEqual([
    0,
    expect.objectContaining({ proved: true, cached: 1, fetched: 0, stale: 0 }),
  ]);
}

describe("what the node keeps for one account is not to be had", () => {
  const bad: readonly [string, () => Promise<Record<string, IssuedToken>>][] = [
    ["a forged token", async () => await (await createTokenIssuer()).tokens(payments, audiences)],
    [
      "a token that has expired",
      async () => await rig.issuer.tokens({ ...payments, expiresInSeconds: -3_600, notBefore: 1 }, audiences),
    ],
  ];

  it.each(bad)("with %s, which takes nothing from the account either", async (_, tokens) => {
    await startWithKnown();
    const { audiences: _asked, ...request } = volume();
    const error = await node.publishError({ ...request, tokens: await tokens(), pod: podNumber(1) });
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", uncertain: false });
    expect(error.message).toMatch(/LK0032 object "known", .* as shop\/payments: failed to login at auth\/kubernetes/);
    expect(node.mounts().at(-1)).toMatchObject({ proved: false, result: "LK0032" });
    await expectUntouched();
  });

  it.each(bad)("with %s while the store is away: what it gets is the outage", async (_, tokens) => {
    await startWithKnown();
    await rig.plain.refuse();
    const { audiences: _asked, ...request } = volume();
    const error = await node.publishError({ ...request, tokens: await tokens(), pod: podNumber(1) });
    expect([error.code, error.message]).toEqual(["FAILED_PRECONDITION", expect.stringMatching(/^LK0030 /)]);
    await rig.plain.accept();
    await expectUntouched();
  });

  it("with a token that has just expired and that the store still takes: each mount asks the store for itself", async () => {
    await startWithKnown();
    const { audiences: _asked, ...request } = volume();
    for (const index of [1, 2]) {
      const tokens = await rig.issuer.tokens({ ...payments, expiresInSeconds: -100, notBefore: 1 }, audiences);
      await node.publish({ ...request, tokens, pod: podNumber(index) });
      expect(node.mounts().at(-1)).toMatchObject({ proved: false, fetched: 1, storeCalls: { login: 1, read: 1 } });
    }
    await expectUntouched();
  });

  it("with another account's token, which is refused before the store is asked", async () => {
    await startWithKnown();
    const tokens = await rig.issuer.tokens({ namespace: "shop", serviceAccount: "web" }, audiences);
    const { audiences: _asked, ...request } = volume();
    const error = await node.publishError({ ...request, tokens, pod: podNumber(1) });
    expect([error.code, rig.plain.count()]).toEqual(["PERMISSION_DENIED", 0]);
    expect(error.message).toMatch(/^LK0010: the pod runs as system:serviceaccount:shop:payments, /);
    await expectUntouched();
  });

  const others = [
    {
      name: "under the same names of pod and account, and the pod's uid, in another namespace",
      pod: { namespace: "other" },
    },
    { name: "for an SPC that copies the parameters, from another account", pod: { serviceAccount: "web" } },
  ];

  it.each(others)("$name: the store judges that identity by itself", async ({ pod }) => {
    await startWithKnown();
    const { namespace, serviceAccount } = { ...payments, ...pod };
    const error = await node.publishError({ ...volume(), pod, volume: "copied" });
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", uncertain: false });
    expect(error.message).toMatch(`as ${namespace}/${serviceAccount}: failed to login at auth/kubernetes`);
    expect([rig.plain.count(), rig.plain.count(reads)]).toEqual([1, 0]);
    await expectUntouched();
  });

  it.each(others)("$name, while the store is away: what it gets is the outage", async ({ pod }) => {
    await startWithKnown();
    await rig.plain.refuse();
    const error = await node.publishError({ ...volume(), pod, volume: "copied" });
    expect([error.code, error.message]).toEqual(["FAILED_PRECONDITION", expect.stringMatching(/^LK0030 /)]);
    await rig.plain.accept();
    await expectUntouched();
  });
});

describe("a namespace that floods a slow store with 200 mounts of secrets that nobody knows", () => {
  const flood = 200;

  beforeAll(async () => {
    await Promise.all(Array.from({ length: flood }, (_, index) => putKv2(rig.bao, `f${index}`, { v: `${index}` })));
  });

  it("waits for itself: another namespace's only mount is answered long before the flood is over", async () => {
    node = await rig.node({ refresh: "1h", mountTimeout: "30s", staleAfter: "10s", storeConcurrency: "4" });
    rig.plain.setLatency(20);
    let answered = 0;
    const flooding = Array.from({ length: flood }, async (_, index) => {
      const pod = { namespace: "flood", ...podNumber(index) };
      const { target } = await node.publish({ ...rig.volume(rig.plain.url, `f${index}`), pod });
      answered += 1;
      return await contentOf(target, `f${index}`);
    });
    await expect.poll(() => rig.plain.count(reads), { timeout: 10_000 }).toBeGreaterThan(4);
    const before = answered;
    const { target } = await node.publish({ ...volume(), pod: podNumber(flood) });
    const during = answered;
    expect(await contentOf(target)).toBe("of payments");
    expect(during - before).toBeLessThan(flood / 4);
    expect(await Promise.all(flooding)).toEqual(Array.from({ length: flood }, (_, index) => `${index}`));
    expect(node.mounts().filter(({ result }) => result === "ok")).toHaveLength(flood + 1);
  });

  it("takes no memory from others: what they have is still answered without the store", async () => {
    node = await rig.node({ refresh: "1h", mountTimeout: "30s", staleAfter: "10s", cacheBytes: "64KiB" });
    await node.publish(volume());
    const published = Array.from({ length: flood }, (_, index) =>
      node.publish({ ...rig.volume(rig.plain.url, `f${index}`), pod: { namespace: "flood", ...podNumber(index) } }),
    );
    await Promise.all(published);
    await expectUntouched();
  });
});
