/** Why the tokens of a request prove nobody, the cause that says most first. */
export const unprovedCauses = [
  "no_keys",
  "unknown_key",
  "issuer",
  "not_yet_valid",
  "expired",
  "audience",
  "signature",
  "not_a_token",
  "two_accounts",
] as const;

/** Why a token proves nobody. */
export type UnprovedCause = (typeof unprovedCauses)[number];

/** The meaning of a cause, and what to do about it. */
interface Explained {
  readonly why: string;
  readonly fix: string;
  /** The same token may prove its account later: when other keys are known, or time has passed. */
  readonly later?: true;
}

const notFromKubelet =
  "remove csi.storage.k8s.io/serviceAccount.tokens from parameters and volumeAttributes: only the kubelet may set it";

/** Each cause in words. */
export const explained: Readonly<Record<UnprovedCause, Explained>> = {
  no_keys: {
    why: "the cluster's token keys are not known yet",
    fix: 'see the warning "the cluster\'s token keys cannot be read" in the log for what keeps Latchkey from them',
    later: true,
  },
  unknown_key: {
    why: "the token is signed by a key that the cluster does not publish",
    fix: "nothing, if the cluster's signing key has just changed; otherwise check that the token is this cluster's, and that --token-keys has its key",
    later: true,
  },
  issuer: {
    why: "the token names another issuer than the cluster's",
    fix: "set --token-issuer to the API server's --service-account-issuer that the tokens name; nothing, if it has just changed",
    later: true,
  },
  not_yet_valid: {
    why: "the token is not valid yet by this node's clock",
    fix: "synchronize the clocks of this node and of the API server: they differ by more than a minute",
    later: true,
  },
  expired: {
    why: "the token has expired by this node's clock",
    fix: "check that the kubelet reaches the API server to renew tokens, and that this node's clock is right",
  },
  audience: {
    why: "the token is not for the audience that the request says",
    fix: notFromKubelet,
  },
  signature: {
    why: "the token's signature is wrong",
    fix: notFromKubelet,
  },
  not_a_token: {
    why: "the token is not a service account token",
    fix: notFromKubelet,
  },
  two_accounts: {
    why: "the tokens belong to two service accounts of one name",
    fix: "restart the pod: its service account was deleted and created again",
  },
};

/** If no token came at all. */
export const noToken: Explained = {
  why: "no service account token came with the request",
  fix: "add tokenRequests to the CSIDriver object; docs/cache.md lists the audiences under who shares what",
};

/** The cause that says most of several; undefined for none. */
export function weightiest(causes: readonly UnprovedCause[]): UnprovedCause | undefined {
  return unprovedCauses.find((cause) => causes.includes(cause));
}
