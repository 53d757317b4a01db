import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { IssuerKeys, TokenKeys } from "../kubernetes/token-keys.ts";
import { once } from "../once.ts";
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
  /** The verdict, at once where it is known. */
  verify(token: Redacted<string>, expected: Expected): Verdict | Promise<Verdict>;
}

/** Asymmetric only: with a shared secret among the keys, whoever can read the keys could sign. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Seconds that clocks may differ. */
const leeway = 60;

/** A token that verified once: by which keys, and until when that counts. */
interface Proof {
  readonly by: IssuerKeys;
  readonly verdict: Verdict;
  readonly until: number;
}

/** A verifier on the cluster's keys. `now` gives milliseconds since the epoch. Tokens that verified are remembered by hash. */
export function createTokenVerifier(keys: TokenKeys, now: () => number = Date.now): TokenVerifier {
  const proofs = new LRUCache<string, Proof>({ max: 5_000 });
  // Even of a module that is loaded an import takes more than half a verification.
  const load = once(() => import("jose"));

  async function judge(token: Redacted<string>, expected: Expected, key: string): Promise<Verdict> {
    const jose = await load();
    const claimed = readSubject(token.reveal(), jose.decodeJwt);
    if (claimed === undefined) return { kind: "unproved" };
    if (claimed !== expected.subject) return { kind: "foreign" };
    let outcome = await check(token, expected, keys.current(), now(), jose);
    if (outcome === "unknownKey") {
      await keys.refresh();
      outcome = await check(token, expected, keys.current(), now(), jose);
    }
    if (outcome === "unknownKey") return { kind: "unproved" };
    if (!("until" in outcome)) return outcome;
    proofs.set(key, outcome);
    return outcome.verdict;
  }

  return {
    verify(token, expected) {
      const { audience, subject } = expected;
      // Lengths keep the parts apart.
      const key = hash(
        "sha256",
        `${audience.length} ${subject.length} ${audience}${subject}${token.reveal()}`,
        "base64url",
      );
      const proof = proofs.get(key);
      if (proof !== undefined && proof.by === keys.current() && now() < proof.until) return proof.verdict;
      return judge(token, expected, key);
    },
  };
}

async function check(
  token: Redacted<string>,
  expected: Expected,
  known: IssuerKeys | undefined,
  now: number,
  { jwtVerify, errors }: typeof import("jose"),
): Promise<Proof | Verdict | "unknownKey"> {
  if (known === undefined) return "unknownKey";
  const { issuer } = known;
  const currentDate = new Date(now);
  const options = { ...expected, issuer, algorithms, clockTolerance: leeway, currentDate, requiredClaims: ["exp"] };
  return await jwtVerify<KubernetesClaims>(token.reveal(), known.keys, options).then(
    ({ payload }) => ({
      by: known,
      verdict: { kind: "proved" as const, serviceAccountUid: uidOf(payload) },
      until: ((payload.exp ?? 0) + leeway) * 1_000,
    }),
    (error: unknown) => (error instanceof errors.JWKSNoMatchingKey ? "unknownKey" : { kind: "unproved" as const }),
  );
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims */
interface KubernetesClaims {
  readonly "kubernetes.io"?: { readonly serviceaccount?: { readonly uid?: unknown } };
}

/** The uid of the service account that a token names, unverified; undefined where it is no JWT or names none. */
export async function serviceAccountUidIn(token: Redacted<string>): Promise<string | undefined> {
  const { decodeJwt } = await import("jose");
  try {
    return uidOf(decodeJwt<KubernetesClaims>(token.reveal()));
  } catch {
    return undefined; // jose throws for whatever is no JWT
  }
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
