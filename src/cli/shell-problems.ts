import type { ProviderError } from "../errors.ts";
import type { Asker } from "./mount-once.ts";

/** The problems of a mount from a shell, with cures for a shell: there is no kubelet that brings tokens. */
export function shellProblems(error: ProviderError, asker: Asker): readonly ProviderError[] {
  return error.singles.map((problem) => withCure(problem, asker));
}

function withCure(problem: ProviderError, { namespace, serviceAccount, tokens }: Asker): ProviderError {
  const audience = /for the audience "([^"]+)"/.exec(problem.message)?.[1] ?? [...tokens.keys()][0] ?? "AUDIENCE";
  const make = `kubectl create token ${serviceAccount} --namespace ${namespace} --audience ${audience} > token`;
  const fixes: ReadonlyMap<string, string> = new Map([
    ["LK0010", `give a token of this service account: ${make}, then --token-file token`],
    ["LK0011", `create one and give it: ${make}, then --token-file token`],
    ["LK0016", "give each key of that Secret with --secret KEY=FILE"],
    ["LK0032", `${problem.details.fix ?? "find out why the store refuses it"}; or create a new token: ${make}`],
  ]);
  const fix = fixes.get(problem.id);
  return fix === undefined ? problem : problem.with({ fix });
}
