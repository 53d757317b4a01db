import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import { createTokenIssuer } from "./tokens.ts";

const REQUEST = {
  namespace: "shop",
  serviceAccount: "web",
  serviceAccountUid: "s1",
  podName: "web-1",
  podUid: "p1",
  audience: "vault",
};

describe("a service account token", () => {
  for (const algorithm of ["ES256", "RS256"] as const) {
    test(`signed with ${algorithm} has the claims of a bound token`, async () => {
      const issuer = await createTokenIssuer({ algorithm, issuer: "https://cluster.test" });
      const token = await issuer.token(REQUEST);
      expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, kid: issuer.keyId });
      const { exp = 0, iat = 0, nbf, jti, ...claims } = decodeJwt(token);
      expect([exp - iat, nbf, typeof jti]).toEqual([3607, iat, "string"]);
      expect(claims).toEqual({
        aud: ["vault"],
        iss: "https://cluster.test",
        "kubernetes.io": {
          namespace: "shop",
          pod: { name: "web-1", uid: "p1" },
          serviceaccount: { name: "web", uid: "s1" },
        },
        sub: "system:serviceaccount:shop:web",
      });
    });
  }

  test("can be made wrong on purpose", async () => {
    const issuer = await createTokenIssuer();
    const overrides = { sub: "somebody", iss: undefined };
    const token = await issuer.token({ ...REQUEST, overrides, header: { kid: "unknown" }, expiresInSeconds: -60 });
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token);
    expect(exp - iat).toBe(-60);
    expect(claims.sub).toBe("somebody");
    expect(claims).not.toHaveProperty("iss");
    expect(decodeProtectedHeader(token).kid).toBe("unknown");
  });

  test("comes by audience, as the kubelet sends it", async () => {
    const issuer = await createTokenIssuer();
    const tokens = await issuer.tokens(REQUEST, ["vault", "sts.amazonaws.com"]);
    expect(Object.keys(tokens)).toEqual(["vault", "sts.amazonaws.com"]);
    expect(decodeJwt(tokens["sts.amazonaws.com"]?.token ?? "").aud).toEqual(["sts.amazonaws.com"]);
    expect(tokens.vault?.expirationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});
