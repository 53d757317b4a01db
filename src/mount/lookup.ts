import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Found, Identity, Lookup } from "../stores/store.ts";

/** Resolves what stores need from Kubernetes before they can log in. */
export interface Lookups {
  /** Throws `LK0012` or `LK0013` where the API does not tell, `LK0014` where the annotation is missing. */
  resolve(lookups: readonly Lookup[], identity: Identity, signal: AbortSignal): Promise<Found>;
}

/** Look-ups in the API; without one (`undefined`) every look-up fails with the reason. */
export function createLookups(api: KubernetesApi | undefined): Lookups {
  return {
    async resolve(lookups, identity, signal) {
      if (lookups.length === 0) return new Map();
      const { namespace, serviceAccount: name } = identity;
      const annotations = await readAnnotations(api, identity, signal);
      return new Map(
        lookups.map((lookup) => [lookup.name, requireAnnotation(annotations, lookup, `${namespace}/${name}`)]),
      );
    },
  };
}

async function readAnnotations(
  api: KubernetesApi | undefined,
  { namespace, serviceAccount }: Identity,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (api === undefined) {
    throw new ProviderError("LK0012", "there is no Kubernetes API to look the service account's annotation up", {
      fix: "name the role in the SecretProviderClass (roleArn), or give --kubernetes-api",
    });
  }
  const { readServiceAccount } = await import("../kubernetes/service-account.ts");
  const account = await readServiceAccount(api, namespace, serviceAccount, signal);
  if (account !== undefined) return account.annotations;
  throw new ProviderError("LK0014", `the service account ${namespace}/${serviceAccount} does not exist`, {
    fix: "create it, or let the pod run as one that exists",
  });
}

function requireAnnotation(annotations: ReadonlyMap<string, string>, { name }: Lookup, account: string): string {
  const value = annotations.get(name);
  if (value !== undefined && value !== "") return value;
  throw new ProviderError("LK0014", `the service account ${account} has no annotation ${name}`, {
    fix: `annotate it: kubectl annotate serviceaccount -n ${account.replace("/", " ")} ${name}=<value>`,
  });
}
