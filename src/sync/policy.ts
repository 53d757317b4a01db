import { combineErrors, ProviderError } from "../errors.ts";
import { matchesWildcard } from "../formats/wildcard.ts";
import type { KubernetesSecret } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";

/** The operator's rules for the Secrets that SecretProviderClasses ask for. */
export interface SyncPolicy {
  /** Names or patterns of namespaces. */
  readonly namespaces: readonly string[];
  /** Namespaces in which nothing is written, whatever `namespaces` says. */
  readonly systemNamespaces: readonly string[];
  /** The texts that keys of labels and annotations may begin with. */
  readonly metadataPrefixes: readonly string[];
}

/** Throws one `LK0050` for everything that these Secrets may not be. */
export function checkSyncPolicy(policy: SyncPolicy, secrets: readonly KubernetesSecret[], namespace: string): void {
  const problems = [
    ...namespaceProblem(policy, secrets, namespace),
    ...secrets.flatMap((secret) => keyProblems(policy, secret)),
  ];
  const [first, ...rest] = problems;
  if (first !== undefined) throw combineErrors([first, ...rest]);
}

function namespaceProblem(
  { namespaces, systemNamespaces }: SyncPolicy,
  secrets: readonly KubernetesSecret[],
  namespace: string,
): readonly ProviderError[] {
  const matches = (pattern: string) => matchesWildcard(pattern, namespace);
  if (secrets.length === 0) return [];
  const subject = "kubernetesSecrets";
  if (systemNamespaces.some(matches)) {
    const message = `nothing is written in the system namespace ${quoted(namespace)}`;
    return [
      new ProviderError("LK0050", message, { subject, fix: "use another namespace, or remove kubernetesSecrets" }),
    ];
  }
  if (namespaces.some(matches)) return [];
  const message = `the operator does not allow Kubernetes Secrets in the namespace ${quoted(namespace)}`;
  return [new ProviderError("LK0050", message, { subject, fix: "have the operator add it to --sync-namespaces" })];
}

function keyProblems({ metadataPrefixes }: SyncPolicy, secret: KubernetesSecret): readonly ProviderError[] {
  const allowed = (key: string) => metadataPrefixes.some((prefix) => key.startsWith(prefix));
  return (["labels", "annotations"] as const).flatMap((kind) =>
    [...secret[kind].keys()]
      .filter((key) => !allowed(key))
      .map(
        (key) =>
          new ProviderError("LK0050", `the operator does not allow ${kind} that begin like ${quoted(key)}`, {
            subject: `${secret.subject}.${kind}`,
            fix: "remove it, or have the operator add its prefix to --sync-metadata-prefixes",
          }),
      ),
  );
}
