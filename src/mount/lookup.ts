import { z } from "zod";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Found, Identity, Lookup } from "../stores/store.ts";

const serviceAccount = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }) });

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
  identity: Identity,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { namespace, serviceAccount: name } = identity;
  if (api === undefined) {
    throw new ProviderError("LK0012", "there is no Kubernetes API to look the service account's annotation up", {
      fix: "name the role in the SecretProviderClass (roleArn), or give --kubernetes-api",
    });
  }
  const answer = serviceAccount.safeParse(
    await api.get(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, signal),
  );
  if (!answer.success)
    throw new ProviderError("LK0014", `the service account ${namespace}/${name} cannot be read`, { fix: "create it" });
  return new Map(Object.entries(answer.data.metadata.annotations ?? {}));
}

function requireAnnotation(annotations: ReadonlyMap<string, string>, { name }: Lookup, account: string): string {
  const value = annotations.get(name);
  if (value !== undefined && value !== "") return value;
  throw new ProviderError("LK0014", `the service account ${account} has no annotation ${name}`, {
    fix: `annotate it: kubectl annotate serviceaccount -n ${account.replace("/", " ")} ${name}=<value>`,
  });
}
