import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { createTokenVerifier } from "../../src/identity/token-verifier.ts";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { ClusterKeys, type ClusterKeysOptions } from "../../src/kubernetes/cluster-keys.ts";
import { createLogger } from "../../src/log.ts";
import { Redacted } from "../../src/redacted.ts";
import { until } from "../cache/until.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";

let opened: ClusterKeys[] = [];

let issuer: TokenIssuer;
let server: TestServer;
let api: KubernetesApi;

beforeAll(async () => {
  issuer = await createTokenIssuer({ algorithm: "RS256" });
  const opened = await openTestApi(issuer);
  ({ server, api } = opened);
  return opened.stop;
});

afterEach(() => {
  for (const each of opened) each.close();
  opened = [];
  server.setFault("none");
  server.useIssuers(issuer);
});

describe("cluster keys", () => {
  const expected = { audience: "vault", subject: "system:serviceaccount:shop:payments" };
  const account = { namespace: "shop", serviceAccount: "payments", audience: "vault" };

  async function token(of = issuer): Promise<Redacted<string>> {
    return new Redacted(await of.token(account));
  }

  /** Keys with a clock of their own, and what they log. */
  function someKeys(over: Partial<ClusterKeysOptions> = {}) {
    const time = new VirtualTime();
    const log: Record<string, unknown>[] = [];
    const logger = createLogger("debug", { write: (line) => log.push(JSON.parse(line)) });
    const keys = new ClusterKeys({ api, log: logger, clock: time, random: () => 0.5, ...over });
    const verifier = createTokenVerifier(keys);
    opened.push(keys);
    const verdict = async (of?: TokenIssuer) => await verifier.verify(await token(of), expected);
    return { keys, verifier, time, log, verdict };
  }

  /** Lets time pass until keys were asked for again and that has ended. */
  async function pass({ time, keys }: ReturnType<typeof someKeys>, ms: number): Promise<void> {
    await time.advance(ms);
    await keys.refresh();
  }

  it("are learnt from the API server, issuer included, and prove tokens without another call", async () => {
    const { verdict } = someKeys();
    const before = server.requests.length;
    expect([(await verdict()).kind, (await verdict()).kind]).toEqual(["proved", "proved"]);
    const asked = server.requests.slice(before).map(({ path, headers }) => [path, headers.accept]);
    expect(asked.sort()).toEqual([
      ["/.well-known/openid-configuration", "application/json"],
      ["/openid/v1/jwks", "application/json, application/jwk-set+json"],
    ]);
  });

  it("are of the issuer that the operator names, and then its name is not asked for", async () => {
    const before = server.requests.length;
    expect(await someKeys({ issuer: "https://other.example" }).verdict()).toEqual({
      kind: "unproved",
      cause: "issuer",
    });
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(["/openid/v1/jwks"]);
    expect((await someKeys({ issuer: issuer.issuer }).verdict()).kind).toBe("proved");
  });

  it("that are kept are of the issuer that the operator names now", async () => {
    const record = Buffer.from(JSON.stringify({ issuer: "https://old.example", keys: issuer.jwks() }));
    const keeper = { saveRecord: async () => undefined, loadRecord: async () => record };
    const { keys } = someKeys({ keeper, issuer: "https://new.example" });
    await keys.restore();
    expect(keys.current()?.issuer).toBe("https://new.example");
  });

  it("are kept over a restart, prove tokens while the API is away, and tell how old they are", async () => {
    const records = new Map<string, Uint8Array>();
    const keeper = {
      saveRecord: async (name: string, bytes: Uint8Array) => void records.set(name, bytes),
      loadRecord: async (name: string) => records.get(name),
    };
    await someKeys({ keeper }).keys.refresh();
    server.setFault("down");
    const clock = new VirtualTime();
    await clock.advance(3_600_000);
    const { keys, verdict, log } = someKeys({ keeper, clock });
    await keys.restore();
    expect((await verdict()).kind).toBe("proved");
    keys.start();
    await until(() => keys.state.failure !== undefined);
    expect(keys.state).toEqual({ isKnown: true, ageMs: 3_600_000, failure: "LK0012" });
    expect(log.at(-1)).toMatchObject({
      ...{ level: "warn", api: server.url, ageSeconds: 3_600 },
      msg: "the cluster's token keys cannot be read: those that are known stay trusted",
    });
  });

  it("are asked for at most once in 30 seconds, however many unknown tokens come", async () => {
    const { time, verifier } = someKeys();
    const other = await createTokenIssuer();
    const strange = await token(other);
    const before = server.requests.length;
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(strange, expected)));
    expect(new Set(verdicts.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['{"kind":"unproved","cause":"unknown_key"}']),
    );
    await time.advance(29_999);
    await verifier.verify(strange, expected);
    expect(server.requests.length - before).toBe(2);
    await time.advance(1);
    await verifier.verify(strange, expected);
    expect(server.requests.length - before).toBe(4);
  });

  it.each(["down", 401, 403, 429, 500, 503] as const)(
    "prove nothing while the API fails (%s), come by themselves, and those known stay known",
    async (fault) => {
      const some = someKeys();
      server.setFault(fault);
      some.keys.start();
      await until(() => some.log.length > 0);
      expect(await some.verdict()).toEqual({ kind: "unproved", cause: "no_keys" });
      expect(some.log[0]).toMatchObject({
        ...{ level: "warn", api: server.url, cause: expect.stringMatching(/^LK001[237]: .*\. Fix: ./) },
        msg: "the cluster's token keys cannot be read: no token can be proved",
      });
      server.setFault("none");
      await some.time.advance(1_000);
      await until(() => some.keys.current() !== undefined);
      expect([(await some.verdict()).kind, some.keys.state]).toEqual(["proved", { isKnown: true, ageMs: 0 }]);
      server.setFault(fault);
      await pass(some, 300_000);
      expect((await some.verdict()).kind).toBe("proved");
      expect(some.keys.state).toMatchObject({ isKnown: true, ageMs: 300_000 });
    },
  );

  it("are asked for again and again while they are unknown, ever more seldom, and that is told once a minute", async () => {
    const at: number[] = [];
    const get: KubernetesApi["get"] = async (path) => {
      if (path === "/openid/v1/jwks") at.push(some.time.now());
      throw new ProviderError("LK0012", "down");
    };
    const some = someKeys({ api: { ...api, get } });
    some.keys.start();
    await some.time.advance(92_000);
    const waits = at.slice(1).map((each, index) => (each - (at[index] ?? 0)) / 1_000);
    expect([waits, some.log.length]).toEqual([[1, 2, 4, 8, 16, 30, 30], 2]);
  });

  it("are not asked for before the API wants to be", async () => {
    const some = someKeys();
    server.setFault({ status: 429, retryAfter: "20" });
    some.keys.start();
    await until(() => some.keys.state.failure !== undefined);
    server.setFault("none");
    const before = server.requests.length;
    await some.time.advance(19_999);
    await some.verdict();
    expect(server.requests.length - before).toBe(0);
    await some.time.advance(5_000);
    await until(() => some.keys.current() !== undefined);
  });

  it("that do not come are waited for only by those who ask at the beginning", async () => {
    const some = someKeys();
    server.setFault("hang");
    some.keys.start();
    let ended = 0;
    const wait = () => void some.keys.refresh().then(() => (ended += 1));
    wait();
    await some.time.advance(1_999);
    wait();
    expect(ended).toBe(0);
    await some.time.advance(1);
    await until(() => ended === 1);
    wait();
    await until(() => ended === 2);
    await some.time.advance(4_000);
    wait();
    await until(() => ended === 4);
  });

  it("that were taken away are trusted for five minutes and no longer, also where their tokens verified before", async () => {
    const some = someKeys();
    const changes: number[] = [];
    some.keys.onChange(() => changes.push(some.time.now()));
    some.keys.start();
    const old = await token();
    await some.verifier.verify(old, expected);
    const next = await createTokenIssuer({ issuer: issuer.issuer, algorithm: "RS256" });
    server.useIssuers(next, issuer);
    await some.time.advance(300_000);
    await until(() => changes.length === 2);
    expect([(await some.verifier.verify(old, expected)).kind, (await some.verdict(next)).kind]).toEqual([
      "proved",
      "proved",
    ]);
    server.useIssuers(next);
    await some.time.advance(299_999);
    expect((await some.verifier.verify(old, expected)).kind).toBe("proved");
    await some.time.advance(1);
    await until(() => changes.length === 3);
    expect(await some.verifier.verify(old, expected)).toEqual({ kind: "unproved", cause: "unknown_key" });
    expect(some.log.at(-1)).toMatchObject({
      level: "info",
      keys: [next.keyId],
      msg: "the cluster's token keys are known",
    });
  });

  it("that stay the same are no change, and their tokens need no second verification", async () => {
    const some = someKeys();
    some.keys.start();
    await some.verdict();
    const known = some.keys.current();
    await some.time.advance(300_000);
    await pass(some, 0);
    expect([some.keys.current() === known, some.log.length, some.keys.state.ageMs]).toEqual([true, 1, 0]);
  });

  it("follow an issuer that has changed its name", async () => {
    const some = someKeys();
    some.keys.start();
    expect((await some.verdict()).kind).toBe("proved");
    const renamed = await createTokenIssuer({ issuer: "https://renamed.example", algorithm: "RS256" });
    server.useIssuers(renamed, issuer);
    await some.time.advance(30_000);
    expect((await some.verdict(renamed)).kind).toBe("proved");
    expect(await some.verdict()).toEqual({ kind: "unproved", cause: "issuer" });
  });

  it.each([
    ["no keys", { keys: [] }],
    ["something else", { hello: "world" }],
    ["nothing", undefined],
  ])("that are %s are not taken", async (_, answer) => {
    const get: KubernetesApi["get"] = async (path, ...rest) =>
      path === "/openid/v1/jwks" ? answer : await api.get(path, ...rest);
    const { keys, log } = someKeys({ api: { ...api, get } });
    await keys.refresh();
    expect([keys.current(), log[0]?.cause]).toEqual([
      undefined,
      expect.stringMatching(/^LK0018: the Kubernetes API's answer for \/openid\/v1\/jwks is not a set of keys/),
    ]);
  });
});
