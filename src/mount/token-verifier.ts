import type { IssuerKeys, TokenKeys } from "../kubernetes/token-keys.ts";
import type { Redacted } from "../redacted.ts";

/** What a token must say to count. */
interface Expected {
  readonly audience: string;
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly subject: string;
}

/** `proved`: signed by the cluster for this subject and audience. `foreign`: names another subject. Otherwise `unproved`. */
export type Verdict =
  | { readonly kind: "proved"; readonly serviceAccountUid: string | undefined }
  | { readonly kind: "unproved" | "foreign" };

/** Judges service account tokens. */
export interface TokenVerifier {
  verify(token: Redacted<string>, expected: Expected): Promise<Verdict>;
}

/** Asymmetric only: with a shared secret among the keys, whoever can read the keys could sign. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Seconds that clocks may differ. */
const leeway = 60;

/** A verifier on the cluster's keys. `now` gives milliseconds since the epoch. */
export function createTokenVerifier(keys: TokenKeys, now: () => number = Date.now): TokenVerifier {
  return {
    async verify(token, expected) {
      const jose = await import("jose");
      const claimed = readSubject(token.reveal(), jose.decodeJwt);
      if (claimed === undefined) return { kind: "unproved" };
      if (claimed !== expected.subject) return { kind: "foreign" };
      const first = await check(token, expected, keys.current(), now(), jose);
      if (first !== "unknownKey") return first;
      await keys.refresh();
      const second = await check(token, expected, keys.current(), now(), jose);
      return second === "unknownKey" ? { kind: "unproved" } : second;
    },
  };
}

async function check(
  token: Redacted<string>,
  expected: Expected,
  known: IssuerKeys | undefined,
  now: number,
  { jwtVerify, errors }: typeof import("jose"),
): Promise<Verdict | "unknownKey"> {
  if (known === undefined) return "unknownKey";
  const { issuer } = known;
  const currentDate = new Date(now);
  const options = { ...expected, issuer, algorithms, clockTolerance: leeway, currentDate, requiredClaims: ["exp"] };
  return await jwtVerify<KubernetesClaims>(token.reveal(), known.keys, options).then(
    ({ payload }) => ({ kind: "proved" as const, serviceAccountUid: uidOf(payload) }),
    (error: unknown) => (error instanceof errors.JWKSNoMatchingKey ? "unknownKey" : { kind: "unproved" as const }),
  );
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims */
interface KubernetesClaims {
  readonly "kubernetes.io"?: { readonly serviceaccount?: { readonly uid?: unknown } };
}

function uidOf(claims: KubernetesClaims): string | undefined {
  const uid = claims["kubernetes.io"]?.serviceaccount?.uid;
  return typeof uid === "string" ? uid : undefined;
}

/** The `sub` that a token claims, unverified; undefined where it is no JWT or has none. */
function readSubject(token: string, decodeJwt: (jwt: string) => { sub?: unknown }): string | undefined {
  try {
    const { sub } = decodeJwt(token);
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined; // jose throws for whatever is no JWT: such a token proves nothing, and the store may still know it
  }
}
