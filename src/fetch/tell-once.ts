import { type ProviderError, tellsOfAsker } from "../errors.ts";

/** Decides whether the login failed (tokens, the Kubernetes API, credentials), which says nothing of a secret. */
function isOfLogin(error: ProviderError): boolean {
  return error.details.login === true || tellsOfAsker(error);
}

/** The failures of a mount's secrets: a login that failed for several of them is told once, with how many it was for. */
export function tellLoginsOnce(failures: readonly ProviderError[]): readonly ProviderError[] {
  // Each of the others stands for itself.
  const groups = Map.groupBy(failures, (failure) =>
    isOfLogin(failure) ? `${failure.id} ${failure.message}` : failure,
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? [];
    const { subject: own } = first.details;
    const count = others.length === 1 ? "one more secret" : `${others.length} more secrets`;
    return first.with({ subject: `${own === undefined ? "" : `${own} `}and ${count}` });
  });
}
