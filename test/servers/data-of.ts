import type { KubernetesApi } from "./kubernetes.ts";

/** Returns the data of a Secret as text, or undefined if the cluster does not have the Secret. */
export function dataOf(
  cluster: KubernetesApi,
  name = "db",
  namespace = "shop",
): Readonly<Record<string, string>> | undefined {
  const data = cluster.secret(namespace, name);
  return (
    data && Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]))
  );
}
