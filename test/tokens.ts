import { createHash, randomUUID } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";

/** Whose token, for whom and for how long. Times are whole seconds since the epoch. */
export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly serviceAccountUid?: string;
  readonly podName?: string;
  readonly podUid?: string;
  readonly audience: string | readonly string[];
  /** From now; negative makes an expired token. Default 3607, as the API server's hour. */
  readonly expiresInSeconds?: number;
  readonly notBefore?: number;
  /** Claims put over the usual ones; `undefined` removes one. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Header fields put over the usual ones, such as another `kid`. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A token with the expiry that the kubelet sends beside it. */
export interface IssuedToken {
  readonly token: string;
  readonly expirationTimestamp: string;
}

/** Signs service account tokens as a cluster's API server does. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly keyId: string;
  /** Returns what the API server shows at `/openid/v1/jwks`. */
  jwks(): JSONWebKeySet;
  publicKeyPem(): string;
  token(request: TokenRequest): Promise<string>;
  /** Tokens by audience, in the form of the kubelet's `csi.storage.k8s.io/serviceAccount.tokens`. */
  tokens(request: Omit<TokenRequest, "audience">, audiences: readonly string[]): Promise<Record<string, IssuedToken>>;
}

const LIFETIME_SECONDS = 3607;

/** Makes an issuer with a key of its own; `ES256` is quick to make, `RS256` is what most clusters use. */
export async function createTokenIssuer(
  options: { issuer?: string; algorithm?: "ES256" | "RS256" } = {},
): Promise<TokenIssuer> {
  const { issuer = "https://kubernetes.default.svc.cluster.local", algorithm = "ES256" } = options;
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const keyId = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: "sig" };
  const pem = await exportSPKI(publicKey);
  const token = (request: TokenRequest) =>
    new SignJWT(claims(issuer, request))
      .setProtectedHeader({ alg: algorithm, kid: keyId, ...request.header })
      .sign(privateKey);
  return {
    issuer,
    keyId,
    jwks: () => ({ keys: [jwk] }),
    publicKeyPem: () => pem,
    token,
    tokens: (request, audiences) => tokensFor(token, request, audiences),
  };
}

/** The claims of a bound service account token; a token without a pod binds to the service account alone. */
function claims(issuer: string, request: TokenRequest): Record<string, unknown> {
  const { namespace, serviceAccount, serviceAccountUid = uidOf(namespace, serviceAccount), podName, podUid } = request;
  const now = Math.floor(Date.now() / 1000);
  const pod = podName === undefined ? {} : { pod: { name: podName, uid: podUid ?? randomUUID() } };
  const all: Record<string, unknown> = {
    aud: [request.audience].flat(),
    exp: now + (request.expiresInSeconds ?? LIFETIME_SECONDS),
    iat: now,
    iss: issuer,
    jti: randomUUID(),
    "kubernetes.io": { namespace, ...pod, serviceaccount: { name: serviceAccount, uid: serviceAccountUid } },
    nbf: request.notBefore ?? now,
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    ...request.overrides,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** An account keeps its uid for as long as it lives: here as long as its name. */
function uidOf(namespace: string, serviceAccount: string): string {
  const hex = createHash("sha256").update(`${namespace}/${serviceAccount}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

async function tokensFor(
  token: TokenIssuer["token"],
  request: Omit<TokenRequest, "audience">,
  audiences: readonly string[],
): Promise<Record<string, IssuedToken>> {
  const expires = Date.now() + (request.expiresInSeconds ?? LIFETIME_SECONDS) * 1000;
  const expirationTimestamp = `${new Date(expires).toISOString().slice(0, 19)}Z`;
  const issued: [string, IssuedToken][] = [];
  for (const audience of audiences) {
    issued.push([audience, { token: await token({ ...request, audience }), expirationTimestamp }]);
  }
  return Object.fromEntries(issued);
}
