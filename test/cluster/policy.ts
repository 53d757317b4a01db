import type { Cluster } from "./cluster.ts";
import { until } from "./until.ts";

/** What a policy says to whoever writes a Secret. */
interface Denial {
  readonly message: string;
  /** The API's word for the refusal: `Invalid` where there is none. */
  readonly reason?: "Forbidden";
  /** Of the policy and of its binding; the namespace, unless a test reads it. */
  readonly name?: string;
}

const group = "/apis/admissionregistration.k8s.io/v1";

/** Has a ValidatingAdmissionPolicy deny every Secret of a namespace, and waits until it does; gives what removes it. */
export async function denyByPolicy(
  cluster: Cluster,
  namespace: string,
  { message, reason, name = namespace }: Denial,
): Promise<() => Promise<void>> {
  const validation = { expression: "false", message, ...(reason === undefined ? {} : { reason }) };
  const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["secrets"] };
  await cluster.admin.create(`${group}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: { failurePolicy: "Fail", matchConstraints: { resourceRules: [rule] }, validations: [validation] },
  });
  await cluster.admin.create(`${group}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ["Deny"],
      matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } },
    },
  });
  await untilDenied(cluster, namespace, message);
  return async () => {
    for (const kind of ["validatingadmissionpolicybindings", "validatingadmissionpolicies"]) {
      await cluster.admin.delete(`${group}/${kind}/${name}`);
    }
  };
}

/** Waits until new Secrets of a namespace are refused with these words. Throws if they are not. */
export async function untilDenied({ admin }: Cluster, namespace: string, words: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets?dryRun=All`;
  const last = await until(
    () => admin.call({ method: "POST", path, body: { metadata: { name: "probe" } } }),
    ({ text }) => text.includes(words),
  );
  if (!last.text.includes(words)) throw new Error(`Secrets of ${namespace} are not denied: ${last.text}`);
}
