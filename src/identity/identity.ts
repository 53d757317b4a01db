import { ProviderError } from "../errors.ts";
import type { Identity } from "../stores/store.ts";
import type { TokenVerifier, Verdict } from "./token-verifier.ts";
import { type UnprovedCause, weightiest } from "./unproved.ts";

/** The parts of a request that say who asks. */
type Asker = Omit<Identity, "proved" | "serviceAccountUid">;

/** An identity, with the reason if tokens came that do not prove it. */
export interface Identified extends Identity {
  readonly unproved?: UnprovedCause;
}

/**
 * Who asks: the kubelet's word for namespace and service account, `proved` when a token of the request verifies as that
 * very account's. Throws `LK0010` for a token that names somebody else. An unverifiable token is no error: the store
 * that gets it judges it. At once where every token is known.
 */
export function identify(request: Asker, verifier: TokenVerifier): Identified | Promise<Identified> {
  const { namespace, serviceAccount, tokens } = request;
  const subject = `system:serviceaccount:${namespace}:${serviceAccount}`;
  const known: Verdict[] = [];
  const open: Promise<Verdict>[] = [];
  for (const [audience, token] of tokens) {
    const verdict = verifier.verify(token, { audience, subject });
    if (verdict instanceof Promise) open.push(verdict);
    else known.push(verdict);
  }
  if (open.length === 0) return identityOf(request, subject, known);
  return Promise.all(open).then((late) => identityOf(request, subject, [...known, ...late]));
}

function identityOf(request: Asker, subject: string, verdicts: readonly Verdict[]): Identified {
  const { namespace, serviceAccount, pod, tokens, credentials } = request;
  if (verdicts.some(({ kind }) => kind === "foreign")) {
    throw new ProviderError("LK0010", `the pod runs as ${subject}, but a token of the request names another subject`, {
      fix: "remove csi.storage.k8s.io/serviceAccount.tokens from the volume attributes and parameters: only the kubelet may set it",
    });
  }
  return {
    namespace,
    serviceAccount,
    ...(pod === undefined ? {} : { pod }),
    ...proofOf(verdicts),
    tokens,
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** Tokens of two accounts of one name (one was deleted and made again) prove neither. */
function proofOf(verdicts: readonly Verdict[]): Pick<Identified, "proved" | "serviceAccountUid" | "unproved"> {
  const proofs = verdicts.filter((verdict) => verdict.kind === "proved");
  const uids = new Set(proofs.map(({ serviceAccountUid }) => serviceAccountUid));
  const [uid] = uids;
  if (uids.size !== 1) {
    const causes = verdicts.flatMap((verdict) => (verdict.kind === "unproved" ? [verdict.cause] : []));
    const unproved = uids.size > 1 ? "two_accounts" : weightiest(causes);
    return { proved: false, ...(unproved === undefined ? {} : { unproved }) };
  }
  return { proved: true, ...(uid === undefined ? {} : { serviceAccountUid: uid }) };
}
