import { ProviderError } from "../errors.ts";

/** Decides whether the login failed (tokens, the Kubernetes API, credentials), which says nothing of a secret. */
function isOfLogin({ id, details }: ProviderError): boolean {
  return details.login === true || (id >= "LK0010" && id <= "LK0019");
}

/** The failures of a mount's secrets: a login that failed for several of them is told once, with how many it was for. */
export function tellLoginsOnce(failures: readonly ProviderError[]): readonly ProviderError[] {
  const byText = new Map<string, readonly ProviderError[]>();
  for (const failure of failures) {
    const { id, message } = failure;
    const key = isOfLogin(failure) ? JSON.stringify([id, message]) : JSON.stringify([byText.size]);
    byText.set(key, [...(byText.get(key) ?? []), failure]);
  }
  return [...byText.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { id, message, details, problems } = first;
    if (others.length === 0) return [first];
    const count = others.length === 1 ? "one more secret" : `${others.length} more secrets`;
    const subject = `${details.subject === undefined ? "" : `${details.subject} `}and ${count}`;
    return [new ProviderError(id, message, { ...details, subject }, problems)];
  });
}
