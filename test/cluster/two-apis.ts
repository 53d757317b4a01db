import { join } from "node:path";
import { expect } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { createKubernetesApi, type KubernetesApi } from "../../src/kubernetes/api.ts";
import type { KubernetesApi as PlayedServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { writeCredentials } from "./installed.ts";
import { makeNamespace } from "./objects.ts";

/** A request by Latchkey's own client, about a namespace. */
export type Ask = (api: KubernetesApi, namespace: string) => Promise<unknown>;

type Verb = "get" | "create" | "patch";

/** The real API server and the played one, both asked by Latchkey's own client as `kube-system/latchkey`. */
export interface TwoApis {
  readonly cluster: Cluster;
  readonly played: PlayedServer;
  /** Makes a namespace in which Latchkey may do this with Secrets, and nothing else; gives its name. */
  makeSpace(verbs?: readonly Verb[]): Promise<string>;
  /** Asks the real one; gives what Latchkey makes of its answer: an outcome, or id, the API's code, message and fix of the error. */
  real(ask: Ask, namespace: string): Promise<unknown>;
  /** Asks both, and holds what Latchkey makes of one answer against the other; gives it. */
  both(ask: Ask, namespace: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Where rights are kept. */
export const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** Starts both. */
export async function startTwoApis(): Promise<TwoApis> {
  const [cluster, { server: played, api, stop }] = await Promise.all([startCluster(), openTestApi()]);
  await cluster.admin.create("/api/v1/namespaces/kube-system/serviceaccounts", { metadata: { name: "latchkey" } });
  const account = await writeCredentials(cluster);
  const files = { tokenFile: join(account, "token"), caFile: join(account, "ca.crt") };
  const own = createKubernetesApi({ url: cluster.url, ...files, userAgent: "latchkey/0.0.0-test" });
  const real: TwoApis["real"] = (ask, namespace) => outcomeOf(ask, own, namespace);
  let number = 0;
  return {
    ...{ cluster, played, real },
    makeSpace: async (verbs = ["get", "create", "patch"]) => {
      number += 1;
      const namespace = `ns-${number}`;
      await makeNamespace(cluster, namespace);
      if (verbs.length > 0) await grant(cluster, namespace, verbs);
      played.setRights(verbs.map((verb) => ({ verb, group: "", resource: "secrets", namespace })));
      return namespace;
    },
    both: async (ask, namespace) => {
      const outcome = await real(ask, namespace);
      expect(await outcomeOf(ask, api, namespace)).toEqual(outcome);
      return outcome;
    },
    stop: async () => {
      own.close();
      await stop();
      await cluster.stop();
    },
  };
}

async function grant({ admin }: Cluster, namespace: string, verbs: readonly Verb[]): Promise<void> {
  const metadata = { name: "latchkey" };
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "latchkey" };
  const subjects = [{ kind: "ServiceAccount", namespace: "kube-system", name: "latchkey" }];
  await admin.create(`${rbac}/namespaces/${namespace}/roles`, { metadata, rules });
  await admin.create(`${rbac}/namespaces/${namespace}/rolebindings`, { metadata, roleRef, subjects });
}

/** The numbers of a quota are each cluster's own. */
async function outcomeOf(ask: Ask, api: KubernetesApi, namespace: string): Promise<unknown> {
  try {
    const outcome = await ask(api, namespace);
    return typeof outcome === "object" && outcome !== null ? { ...outcome, object: undefined } : outcome;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { id, message, details } = error;
    const told = message.replace(api.url, "URL").replaceAll(/(?<=secrets=)\d+/g, "N");
    return { id, code: details.storeCode, message: told, fix: details.fix };
  }
}
