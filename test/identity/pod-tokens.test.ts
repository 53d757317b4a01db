import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { systemClock } from "../../src/async/clock.ts";
import { PodTokens, type PodTokensOptions } from "../../src/identity/pod-tokens.ts";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { Redacted } from "../../src/redacted.ts";
import { createStores } from "../../src/stores/index.ts";
import type { Identity } from "../../src/stores/store.ts";
import { errorIdOf } from "../cache/settled.ts";
import { planOf } from "../dialects/plan-of.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";

const minute = 60_000;
const identity: Identity = {
  namespace: "shop",
  serviceAccount: "web",
  pod: { name: "web-0", uid: "pod-uid" },
  proved: false,
  tokens: new Map(),
};

let server: TestServer;
let api: KubernetesApi;
/** How far the clock is ahead, in milliseconds. */
let ahead: number;
let tokens: PodTokens;
let options: PodTokensOptions;

beforeEach(async () => {
  const opened = await openTestApi();
  ({ server, api } = opened);
  server.setServiceAccount("shop", "web", {});
  server.setPod("shop", "web-0", { uid: "pod-uid", serviceAccount: "web" });
  ahead = 0;
  const clock = { ...systemClock, wall: () => Date.now() + ahead };
  const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 4 });
  options = { api, stores, clock, random: () => 0 };
  tokens = new PodTokens(options);
  return opened.stop;
});

const vault = (audience?: string) =>
  planOf("vault", {
    roleName: "r",
    objects: "- { objectName: f, secretPath: p, secretKey: k }",
    ...(audience === undefined ? {} : { audience }),
  });

describe("tokens that Latchkey asks for", () => {
  it("prove the identity, with the uid that the token says", async () => {
    const { proved, serviceAccountUid, tokens: found } = await tokens.complete(identity, await vault("bank"));
    const claims = decodeJwt(found.get("bank")?.reveal() ?? "");
    expect([proved, claims.aud]).toEqual([true, ["bank"]]);
    expect(claims["kubernetes.io"]).toMatchObject({
      pod: { name: "web-0", uid: "pod-uid" },
      serviceaccount: { uid: serviceAccountUid },
    });
  });

  it("are not asked for where the driver sent one, where no store wants one, or where no pod asks", async () => {
    const sent = { ...identity, tokens: new Map([["vault", new Redacted("t")]]) };
    expect(await tokens.complete(sent, await vault())).toBe(sent);
    const { pod: _, ...controller } = identity;
    expect(await tokens.complete(controller, await vault())).toBe(controller);
    expect(server.requests).toEqual([]);
  });

  it("are asked for once by all who mount at the same time, and anew when a fifth of their life is left", async () => {
    const plan = await vault();
    await Promise.all(Array.from({ length: 20 }, () => tokens.complete(identity, plan)));
    ahead = 11 * minute;
    await tokens.complete(identity, plan);
    expect(server.requests.length).toBe(1);
    ahead = 13 * minute;
    await tokens.complete(identity, plan);
    expect(server.requests.length).toBe(2);
  });

  it("are used beyond that while the API is away, and not when it refuses", async () => {
    const plan = await vault();
    await tokens.complete(identity, plan);
    ahead = 60 * minute;
    server.setFault("down");
    expect((await tokens.complete(identity, plan)).proved).toBe(true);
    server.setFault(403);
    expect(await errorIdOf(tokens.complete(identity, plan))).toBe("LK0013");
    server.setFault("down");
    expect(await errorIdOf(tokens.complete(identity, plan))).toBe("LK0012");
  });

  it("are asked for again where the API has too much to do for a moment, unless there is an older one", async () => {
    const plan = await vault();
    for (const fault of [429, { status: 429, retryAfter: "1" }, 503] as const) {
      const asked = server.requests.length;
      server.setFault(fault);
      const fresh = { ...identity, pod: { name: "web-0", uid: "pod-uid" } };
      const made = new PodTokens(options).complete(fresh, plan);
      await expect.poll(() => server.requests.length).toBe(asked + 1);
      server.setFault("none");
      expect((await made).proved).toBe(true);
    }
    await tokens.complete(identity, plan);
    ahead = 60 * minute;
    server.setFault(503);
    const asked = server.requests.length;
    await tokens.complete(identity, plan);
    expect(server.requests.length - asked).toBeLessThanOrEqual(2);
  });

  it("leave a proof of the driver's as it is", async () => {
    const proved = { ...identity, proved: true, serviceAccountUid: "by-the-driver" };
    expect(await tokens.complete(proved, await vault())).toMatchObject({ serviceAccountUid: "by-the-driver" });
  });
});
