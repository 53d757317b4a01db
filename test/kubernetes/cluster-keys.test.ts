import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/cache/clock.ts";
import { createKubernetesApi, type KubernetesApi } from "../../src/kubernetes/api.ts";
import { ClusterKeys } from "../../src/kubernetes/cluster-keys.ts";
import { createLogger } from "../../src/log.ts";
import { createLookups } from "../../src/mount/lookup.ts";
import { createTokenVerifier } from "../../src/mount/token-verifier.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Identity } from "../../src/stores/store.ts";
import { startKubernetes, type KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";

const never = new AbortController().signal;
const quiet = createLogger("off");
const annotation = { kind: "serviceAccountAnnotation", name: "eks.amazonaws.com/role-arn" } as const;
const identity: Identity = { namespace: "shop", serviceAccount: "payments", proved: true, tokens: new Map() };

let directory: string;
let issuer: TokenIssuer;
let server: TestServer;
let api: KubernetesApi;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "latchkey-kubernetes-"));
  issuer = await createTokenIssuer({ algorithm: "RS256" });
  server = await startKubernetes(issuer);
  await server.writeCredentials(directory);
  api = createKubernetesApi({
    url: server.url,
    tokenFile: join(directory, "token"),
    caFile: join(directory, "ca.crt"),
    userAgent: "latchkey/0.0.0-test",
  });
});

afterEach(() => server.setFault("none"));

afterAll(async () => {
  api.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("cluster keys", () => {
  const expected = { audience: "vault", subject: "system:serviceaccount:shop:payments" };

  async function token(): Promise<Redacted<string>> {
    return new Redacted(await issuer.token({ namespace: "shop", serviceAccount: "payments", audience: "vault" }));
  }

  it("are learnt from the API server, issuer included, and prove tokens without another call", async () => {
    const verifier = createTokenVerifier(new ClusterKeys({ api, log: quiet, now: () => 0 }));
    const before = server.requests.length;
    expect([
      (await verifier.verify(await token(), expected)).kind,
      (await verifier.verify(await token(), expected)).kind,
    ]).toEqual(["proved", "proved"]);
    expect(
      server.requests
        .slice(before)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(["/.well-known/openid-configuration", "/openid/v1/jwks"]);
  });

  it("are of the issuer that the operator names, and then its name is not asked for", async () => {
    const options = { api, log: quiet, now: () => 0, issuer: "https://other.example" };
    const before = server.requests.length;
    expect((await createTokenVerifier(new ClusterKeys(options)).verify(await token(), expected)).kind).not.toBe(
      "proved",
    );
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(["/openid/v1/jwks"]);
    const named = new ClusterKeys({ ...options, issuer: issuer.issuer });
    expect((await createTokenVerifier(named).verify(await token(), expected)).kind).toBe("proved");
  });

  it("that are kept are of the issuer that the operator names now", async () => {
    const record = Buffer.from(JSON.stringify({ issuer: "https://old.example", keys: issuer.jwks() }));
    const keeper = { saveRecord: async () => undefined, loadRecord: async () => record };
    const keys = new ClusterKeys({ api, log: quiet, now: () => 0, keeper, issuer: "https://new.example" });
    await keys.restore();
    expect(keys.current()?.issuer).toBe("https://new.example");
  });

  it("are kept over a restart, and prove tokens while the API is away", async () => {
    const records = new Map<string, Uint8Array>();
    const keeper = {
      saveRecord: async (name: string, bytes: Uint8Array) => void records.set(name, bytes),
      loadRecord: async (name: string) => records.get(name),
    };
    await new ClusterKeys({ api, log: quiet, now: () => 0, keeper }).refresh();
    server.setFault("down");
    const restarted = new ClusterKeys({ api, log: quiet, now: () => 0, keeper });
    await restarted.restore();
    expect((await createTokenVerifier(restarted).verify(await token(), expected)).kind).toBe("proved");
  });

  it("are asked for at most once in 30 seconds, however many unknown tokens come", async () => {
    let now = 0;
    const keys = new ClusterKeys({ api, log: quiet, now: () => now });
    const verifier = createTokenVerifier(keys);
    const other = await createTokenIssuer();
    const strange = new Redacted(
      await other.token({ namespace: "shop", serviceAccount: "payments", audience: "vault" }),
    );
    const before = server.requests.length;
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(strange, expected)));
    expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(["unproved"]));
    now = 29_999;
    await verifier.verify(strange, expected);
    expect(server.requests.length - before).toBe(2);
    now = 30_000;
    await verifier.verify(strange, expected);
    expect(server.requests.length - before).toBe(4);
  });

  it.each(["down", 403, 500] as const)(
    "prove nothing while the API fails (%s), but those known stay known",
    async (fault) => {
      let now = 0;
      const keys = new ClusterKeys({ api, log: quiet, now: () => now });
      const verifier = createTokenVerifier(keys);
      server.setFault(fault);
      expect((await verifier.verify(await token(), expected)).kind).toBe("unproved");
      server.setFault("none");
      now = 30_000;
      expect((await verifier.verify(await token(), expected)).kind).toBe("proved");
      server.setFault(fault);
      now = 60_000;
      await keys.refresh();
      expect((await verifier.verify(await token(), expected)).kind).toBe("proved");
    },
  );
});

describe("look-ups", () => {
  it("find an annotation", async () => {
    server.setServiceAccount("shop", "payments", { annotations: { [annotation.name]: "arn:aws:iam::1:role/r" } });
    expect(await createLookups(api, systemClock).resolve([annotation], identity, never)).toEqual(
      new Map([[annotation.name, "arn:aws:iam::1:role/r"]]),
    );
  });

  it("ask nothing where nothing is needed", async () => {
    const before = server.requests.length;
    expect(await createLookups(api, systemClock).resolve([], identity, never)).toEqual(new Map());
    expect(server.requests.length).toBe(before);
  });

  it("follow a token that the kubelet has replaced", async () => {
    server.setServiceAccount("shop", "payments", { annotations: { [annotation.name]: "r" } });
    server.acceptToken("second");
    await writeFile(join(directory, "token"), "second\n");
    expect((await createLookups(api, systemClock).resolve([annotation], identity, never)).size).toBe(1);
  });

  const other = { ...identity, serviceAccount: "web" };
  const failures: readonly [string, () => Promise<unknown>, string][] = [
    [
      "no such account",
      () => createLookups(api, systemClock).resolve([annotation], { ...identity, serviceAccount: "nobody" }, never),
      "LK0014",
    ],
    ["no annotation", () => createLookups(api, systemClock).resolve([annotation], other, never), "LK0014"],
    ["no API", () => createLookups(undefined, systemClock).resolve([annotation], identity, never), "LK0012"],
    [
      "API forbids",
      () => {
        server.setFault(403);
        return createLookups(api, systemClock).resolve([annotation], identity, never);
      },
      "LK0013",
    ],
    [
      "API is down",
      () => {
        server.setFault("down");
        return createLookups(api, systemClock).resolve([annotation], identity, never);
      },
      "LK0012",
    ],
    [
      "token file is missing",
      () => {
        const lost = createKubernetesApi({
          url: server.url,
          tokenFile: join(directory, "lost"),
          caFile: join(directory, "ca.crt"),
          userAgent: "latchkey/0.0.0-test",
        });
        return createLookups(lost, systemClock).resolve([annotation], identity, never);
      },
      "LK0012",
    ],
  ];
  it.each(failures)("say what is wrong: %s", async (_, work, id) => {
    server.setServiceAccount("shop", "web", {});
    const error = await work().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ProviderError", id });
    expect((error as { details: { fix?: string } }).details.fix).toBeTypeOf("string");
  });
});
