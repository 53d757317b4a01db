import type { TokenKeys } from "../kubernetes/token-keys.ts";
import type { Redacted } from "../redacted.ts";

/** What a token must say to count. */
interface Expected {
  readonly audience: string;
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly subject: string;
}

/** `proved`: signed by the cluster for this subject and audience. `foreign`: names another subject. Otherwise `unproved`. */
export type Verdict = "proved" | "unproved" | "foreign";

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
      const { decodeJwt, jwtVerify, errors } = await import("jose");
      const claimed = readSubject(token.reveal(), decodeJwt);
      if (claimed === undefined) return "unproved";
      if (claimed !== expected.subject) return "foreign";
      const attempt = async (): Promise<Verdict | "unknownKey"> => {
        const known = keys.current();
        if (known === undefined) return "unknownKey";
        const { issuer } = known;
        const options = {
          ...expected,
          issuer,
          algorithms,
          clockTolerance: leeway,
          currentDate: new Date(now()),
          requiredClaims: ["exp"],
        };
        return await jwtVerify(token.reveal(), known.keys, options).then(
          () => "proved" as const,
          (error: unknown) => (error instanceof errors.JWKSNoMatchingKey ? "unknownKey" : "unproved"),
        );
      };
      const first = await attempt();
      if (first !== "unknownKey") return first;
      await keys.refresh();
      return (await attempt()) === "proved" ? "proved" : "unproved";
    },
  };
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
