import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { once } from "../async/once.ts";
import type { IssuerKeys, TokenKeys } from "../kubernetes/token-keys.ts";
import type { Redacted } from "../redacted.ts";
import type { UnprovedCause } from "./unproved.ts";

/** The claims that a token must have to count. */
interface Expected {
  readonly audience: string;
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly subject: string;
}

/** `proved`: signed by the cluster for this subject and audience. `foreign`: names another subject. Otherwise `unproved`. */
export type Verdict =
  | { readonly kind: "proved"; readonly serviceAccountUid: string | undefined }
  | { readonly kind: "unproved"; readonly cause: UnprovedCause }
  | { readonly kind: "foreign" };

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
    const claims = readClaims(token.reveal(), jose.decodeJwt);
    if (claims === undefined) return unproved("not_a_token");
    if (claims.sub !== expected.subject) return { kind: "foreign" };
    // Nothing makes it valid again, and nobody has to know the keys to see it.
    if (claims.exp !== undefined && isOver(claims.exp, now())) return unproved("expired");
    const attempt = () => check(token, { ...expected, currentDate: new Date(now()) }, keys.current(), jose);
    let outcome = await attempt();
    if (typeof outcome === "string" && mayBeCured.has(outcome)) {
      await keys.refresh();
      outcome = await attempt();
    }
    if (typeof outcome === "string") return unproved(outcome);
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

/** Causes that other keys may cure: the cluster now signs with another key, or under another name. */
const mayBeCured: ReadonlySet<UnprovedCause> = new Set(["no_keys", "unknown_key", "issuer"]);

function unproved(cause: UnprovedCause): Verdict {
  return { kind: "unproved", cause };
}

/** `exp` is in seconds since the epoch, `now` in milliseconds. */
function isOver(exp: number, now: number): boolean {
  return (exp + leeway) * 1_000 <= now;
}

async function check(
  token: Redacted<string>,
  expected: Expected & { readonly currentDate: Date },
  known: IssuerKeys | undefined,
  { jwtVerify, errors }: typeof import("jose"),
): Promise<Proof | UnprovedCause> {
  if (known === undefined) return "no_keys";
  const { issuer } = known;
  const options = { ...expected, issuer, algorithms, clockTolerance: leeway, requiredClaims: ["exp"] };
  return await jwtVerify<KubernetesClaims>(token.reveal(), known.keys, options).then(
    ({ payload }) => ({
      by: known,
      verdict: { kind: "proved" as const, serviceAccountUid: uidOf(payload) },
      until: ((payload.exp ?? 0) + leeway) * 1_000,
    }),
    (error: unknown) => causeOf(error, errors),
  );
}

function causeOf(error: unknown, errors: typeof import("jose").errors): UnprovedCause {
  if (error instanceof errors.JWKSNoMatchingKey) return "unknown_key";
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : "";
  return claimCauses.get(claim) ?? "not_a_token";
}

const claimCauses: ReadonlyMap<string, UnprovedCause> = new Map([
  ["iss", "issuer"],
  ["aud", "audience"],
  ["nbf", "not_yet_valid"],
]);

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

interface Claims {
  readonly sub: string;
  readonly exp?: number;
}

/** Subject and end that a token claims, unverified; undefined if it is not a JWT or has no subject. */
function readClaims(token: string, decodeJwt: (jwt: string) => { sub?: unknown; exp?: unknown }): Claims | undefined {
  try {
    const { sub, exp } = decodeJwt(token);
    if (typeof sub !== "string") return undefined;
    return { sub, ...(typeof exp === "number" ? { exp } : {}) };
  } catch {
    return undefined; // jose throws for whatever is not a JWT: such a token proves nothing, and the store may still know it
  }
}
