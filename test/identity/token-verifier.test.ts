import { createHash, createPublicKey } from "node:crypto";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { identify } from "../../src/identity/identity.ts";
import { createTokenVerifier, type Verdict } from "../../src/identity/token-verifier.ts";
import type { UnprovedCause } from "../../src/identity/unproved.ts";
import { fixedTokenKeys, type TokenKeys, TokenKeysError, unchangingKeys } from "../../src/kubernetes/token-keys.ts";
import type { MountRequest } from "../../src/mount/request.ts";
import { Redacted } from "../../src/redacted.ts";
import { createTokenIssuer, type TokenIssuer, type TokenRequest } from "../tokens.ts";

const pod = { namespace: "shop", serviceAccount: "payments", audience: "vault" };
const expected = { audience: "vault", subject: "system:serviceaccount:shop:payments" };

let issuer: TokenIssuer;
let other: TokenIssuer;
let keys: TokenKeys;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  other = await createTokenIssuer();
  keys = fixedTokenKeys(issuer.issuer, JSON.stringify(issuer.jwks()));
});

async function judge(token: string, known: TokenKeys = keys): Promise<Verdict["kind"]> {
  return (await createTokenVerifier(known).verify(new Redacted(token), expected)).kind;
}

describe("a token", () => {
  const cases: readonly [string, Partial<TokenRequest>, Verdict["kind"]][] = [
    ["of the pod", {}, "proved"],
    ["for several audiences, ours among them", { audience: ["x", "vault"] }, "proved"],
    ["that expired within the leeway", { expiresInSeconds: -30 }, "proved"],
    ["that is valid from within the leeway", { notBefore: Math.floor(Date.now() / 1000) + 30 }, "proved"],
    ["that expired", { expiresInSeconds: -90 }, "unproved"],
    ["that never expires", { overrides: { exp: undefined } }, "unproved"],
    ["that is not valid yet", { notBefore: Math.floor(Date.now() / 1000) + 600 }, "unproved"],
    ["for another audience", { audience: "sts.amazonaws.com" }, "unproved"],
    ["of another issuer", { overrides: { iss: "https://elsewhere" } }, "unproved"],
    ["without a subject", { overrides: { sub: undefined } }, "unproved"],
    ["of another account", { serviceAccount: "admin" }, "foreign"],
    ["of another namespace", { namespace: "kube-system" }, "foreign"],
    ["of no service account", { overrides: { sub: "alice" } }, "foreign"],
  ];
  it.each(cases)("%s is judged", async (_, request, verdict) => {
    expect(await judge(await issuer.token({ ...pod, ...request }))).toBe(verdict);
  });

  const causes: readonly [string, Partial<TokenRequest>, UnprovedCause][] = [
    ["that expired", { expiresInSeconds: -90 }, "expired"],
    ["of a clock that is 90 seconds ahead", { notBefore: Math.floor(Date.now() / 1000) + 90 }, "not_yet_valid"],
    ["for another audience", { audience: "sts.amazonaws.com" }, "audience"],
    ["of another issuer", { overrides: { iss: "https://elsewhere" } }, "issuer"],
    ["that never expires", { overrides: { exp: undefined } }, "not_a_token"],
    ["without a subject", { overrides: { sub: undefined } }, "not_a_token"],
  ];
  it.each(causes)("%s is told from others", async (_, request, cause) => {
    const token = new Redacted(await issuer.token({ ...pod, ...request }));
    expect(await createTokenVerifier(keys).verify(token, expected)).toEqual({ kind: "unproved", cause });
  });

  it("whose key is unknown, or not the signer's, or that has expired while no key is known, is told from others", async () => {
    const causeOf = async (token: string, known = keys) =>
      await createTokenVerifier(known).verify(new Redacted(token), expected);
    const none = unchangingKeys(undefined);
    const forged = await other.token({ ...pod, header: { kid: issuer.keyId } });
    expect([
      await causeOf(await other.token(pod)),
      await causeOf(forged),
      await causeOf(await issuer.token(pod), none),
      await causeOf(await issuer.token({ ...pod, expiresInSeconds: -90 }), none),
    ]).toEqual(["unknown_key", "signature", "no_keys", "expired"].map((cause) => ({ kind: "unproved", cause })));
  });

  it("that somebody else signed proves nothing, and is foreign where it names somebody else", async () => {
    expect(await judge(await other.token(pod))).toBe("unproved");
    expect(await judge(await other.token({ ...pod, header: { kid: issuer.keyId } }))).toBe("unproved");
    expect(await judge(await other.token({ ...pod, serviceAccount: "admin" }))).toBe("foreign");
  });

  it("that was changed after signing proves nothing", async () => {
    const [header, , signature] = (await issuer.token({ ...pod, audience: "x" })).split(".");
    const [, payload] = (await issuer.token(pod)).split(".");
    expect(await judge(`${header}.${payload}.${signature}`)).toBe("unproved");
  });

  it("without a signature, or signed with a public key as a shared secret, proves nothing", async () => {
    const [, payload] = (await issuer.token(pod)).split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await judge(`${none}.${payload}.`)).toBe("unproved");
    const confused = await new SignJWT({ ...pod, iss: issuer.issuer, sub: expected.subject, aud: "vault" })
      .setProtectedHeader({ alg: "HS256", kid: issuer.keyId })
      .setExpirationTime("1h")
      .sign(Buffer.from(issuer.publicKeyPem()));
    expect(await judge(confused)).toBe("unproved");
  });

  it.each(["", "x", "a.b.c", "....", "é.é.é", "x".repeat(100_000)])(
    "that is no JWT proves nothing (%#)",
    async (text) => {
      expect(await judge(text)).toBe("unproved");
    },
  );

  it("proves nothing while the keys are unknown, and is asked for once more after a refresh", async () => {
    const token = await issuer.token(pod);
    expect(await judge(token, { current: () => undefined, refresh: async () => undefined })).toBe("unproved");
    let known = fixedTokenKeys(issuer.issuer, JSON.stringify(other.jwks())).current();
    let refreshes = 0;
    const rotated: TokenKeys = {
      current: () => known,
      refresh: async () => {
        refreshes += 1;
        known = keys.current();
      },
    };
    expect([await judge(token, rotated), await judge(token, rotated), refreshes]).toEqual(["proved", "proved", 1]);
  });
});

describe("a token that verified once", () => {
  it("counts until it expires and no longer", async () => {
    let now = Date.now();
    const verifier = createTokenVerifier(keys, () => now);
    const token = new Redacted(await issuer.token({ ...pod, expiresInSeconds: 100 }));
    expect((await verifier.verify(token, expected)).kind).toBe("proved");
    now += 150_000;
    expect((await verifier.verify(token, expected)).kind).toBe("proved");
    now += 20_000;
    expect((await verifier.verify(token, expected)).kind).toBe("unproved");
  });

  it("counts for its audience and subject alone, and for the keys that verified it", async () => {
    let current = keys.current();
    const verifier = createTokenVerifier({ current: () => current, refresh: async () => undefined });
    const token = new Redacted(await issuer.token(pod));
    expect((await verifier.verify(token, expected)).kind).toBe("proved");
    expect((await verifier.verify(token, { ...expected, audience: "x" })).kind).toBe("unproved");
    expect((await verifier.verify(token, { ...expected, subject: "system:serviceaccount:a:b" })).kind).toBe("foreign");
    current = fixedTokenKeys(issuer.issuer, JSON.stringify(other.jwks())).current();
    expect((await verifier.verify(token, expected)).kind).toBe("unproved");
  });
});

describe("token keys", () => {
  it("are read from PEM as well, with the key ids that the API server gives", async () => {
    const pem = fixedTokenKeys(issuer.issuer, `${other.publicKeyPem()}\n${issuer.publicKeyPem()}`);
    const der = createPublicKey(issuer.publicKeyPem()).export({ format: "der", type: "spki" });
    const kid = createHash("sha256").update(der).digest("base64url");
    expect(await judge(await issuer.token({ ...pod, header: { kid } }), pem)).toBe("proved");
  });

  it.each(["", "{}", '{"keys":[]}', "not JSON", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])(
    "refuse a file without any: %j",
    (text) => {
      expect(() => fixedTokenKeys("x", text)).toThrow(TokenKeysError);
    },
  );
});

describe("identity", () => {
  const request = (tokens: readonly [string, string][]): MountRequest => ({
    parameters: new Map(),
    secretProviderClass: "db",
    namespace: "shop",
    serviceAccount: "payments",
    pod: { name: "web-0", uid: "1" },
    tokens: new Map(tokens.map(([audience, token]) => [audience, new Redacted(token)])),
    mode: 0o644,
    targetPath: "/t",
  });

  it("is proved by one good token", async () => {
    const tokens: [string, string][] = [
      ["vault", await issuer.token(pod)],
      ["opaque", "some-other-token"],
    ];
    expect((await identify(request(tokens), createTokenVerifier(keys))).proved).toBe(true);
    expect((await identify(request(tokens.slice(1)), createTokenVerifier(keys))).proved).toBe(false);
    expect((await identify(request([]), createTokenVerifier(keys))).proved).toBe(false);
  });

  it("has the account's uid, and is not proved by tokens of two accounts of one name", async () => {
    const first = await issuer.token({ ...pod, serviceAccountUid: "uid-1" });
    const second = await issuer.token({ ...pod, serviceAccountUid: "uid-2", audience: "x" });
    const verifier = createTokenVerifier(keys);
    expect(await identify(request([["vault", first]]), verifier)).toMatchObject({
      proved: true,
      serviceAccountUid: "uid-1",
    });
    const both: [string, string][] = [
      ["vault", first],
      ["x", second],
    ];
    expect((await identify(request(both), verifier)).proved).toBe(false);
  });

  it("is refused where any token is somebody else's", async () => {
    const tokens: [string, string][] = [
      ["vault", await issuer.token(pod)],
      ["x", await issuer.token({ ...pod, serviceAccount: "admin", audience: "x" })],
    ];
    const identifying = Promise.resolve(identify(request(tokens), createTokenVerifier(keys)));
    const error = await identifying.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({
      id: "LK0010",
      message: "the pod runs as system:serviceaccount:shop:payments, but a token of the request names another subject",
    });
  });
});
