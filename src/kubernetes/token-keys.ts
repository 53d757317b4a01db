import { createHash, createPublicKey } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import * as z from "zod";

/** The keys that the cluster signs service account tokens with. */
export interface TokenKeys {
  /** What is known now; undefined where nothing could be learnt yet. */
  current(): IssuerKeys | undefined;
  /** Asks the source again, rate limited; settles when that attempt (or one under way) is over, never rejects. */
  refresh(): Promise<void>;
}

/** One issuer and its keys. */
export interface IssuerKeys {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
}

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** Text that holds no usable public key. The message names what was expected and quotes nothing. */
export class TokenKeysError extends Error {
  override readonly name = "TokenKeysError";
}

/** Keys from a file of the operator's: a JWKS document, or PEM public keys as the API server takes them. Throws `TokenKeysError`. */
export function fixedTokenKeys(issuer: string, file: string): TokenKeys {
  const known = { issuer, keys: parseKeys(file) };
  return { current: () => known, refresh: async () => undefined };
}

/** Public keys from JWKS or PEM text. Throws `TokenKeysError`. */
export function parseKeys(file: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(file.includes("-----BEGIN ") ? fromPem(file) : parseJwks(file));
  } catch {
    // The parser's own message may quote the file, and a wrong file could be a private key.
    throw new TokenKeysError("no public keys: a JWKS document or PEM blocks `PUBLIC KEY` are needed");
  }
}

function parseJwks(text: string): JSONWebKeySet {
  return jwks.parse(JSON.parse(text)) as JSONWebKeySet;
}

function fromPem(text: string): JSONWebKeySet {
  const blocks = text.match(/-----BEGIN (?:RSA )?PUBLIC KEY-----[^-]+-----END (?:RSA )?PUBLIC KEY-----/g) ?? [];
  const keys = blocks.map((block) => {
    const key = createPublicKey(block);
    return { ...key.export({ format: "jwk" }), kid: kidOf(key.export({ format: "der", type: "spki" })) };
  });
  return jwks.parse({ keys }) as JSONWebKeySet;
}

/** The API server names a key by the hash of its SubjectPublicKeyInfo (kubernetes/pkg/serviceaccount/jwt.go). */
function kidOf(der: Buffer): string {
  return createHash("sha256").update(der).digest("base64url");
}
