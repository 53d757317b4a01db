import { createHash, createPublicKey } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import * as z from "zod";
import type { ErrorId } from "../errors.ts";

/** The keys that the cluster signs service account tokens with. */
export interface TokenKeys {
  /** The keys that are known now: the same object until there are others. Undefined if none could be learnt yet. */
  current(): IssuerKeys | undefined;
  /** Asks the source again, rate limited; settles when that attempt (or one under way) is over or late, never rejects. */
  refresh(): Promise<void>;
}

/** Keys that are read again and again, for those who have to know how that goes. */
export interface WatchedKeys extends TokenKeys {
  readonly state: KeysState;
  /** Calls the listener whenever other keys are known than before. */
  onChange(listener: () => void): void;
  /** Reads them no more. */
  close(): void;
}

/** How well the keys are known. */
export interface KeysState {
  readonly isKnown: boolean;
  /** How long ago their source last told them, in milliseconds; 0 for keys that cannot change, and if none are known. */
  readonly ageMs: number;
  /** Why they could not be read the last time: an error id; undefined if they could, or if there is nothing to read. */
  readonly failure?: ErrorId;
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
export function fixedTokenKeys(issuer: string, file: string): WatchedKeys {
  return unchangingKeys({ issuer, keys: parseKeys(file) });
}

/** Keys that stay as they are; undefined for none at all. */
export function unchangingKeys(known: IssuerKeys | undefined): WatchedKeys {
  return {
    state: { isKnown: known !== undefined, ageMs: 0 },
    current: () => known,
    refresh: async () => undefined,
    onChange: () => undefined,
    close: () => undefined,
  };
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
