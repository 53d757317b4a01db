import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import { Flights } from "../async/flights.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Found, Identity, Lookup } from "../stores/store.ts";

type Annotations = ReadonlyMap<string, string>;

/** Resolves what stores need from Kubernetes before they can log in. */
export interface Lookups {
  /** Throws what the API client throws if the API does not tell, `LK0014` if the annotation is missing. */
  resolve(lookups: readonly Lookup[], identity: Identity, signal: AbortSignal): Promise<Found>;
}

/** So long an answer is used without asking. */
const keptMs = 60_000;

/**
 * Look-ups in the API, each kept for a minute, and beyond that while the API is away; without an API (`undefined`) every
 * look-up fails with the reason.
 */
export function createLookups(api: KubernetesApi | undefined, clock: Clock): Lookups {
  const known = new LRUCache<string, { readonly annotations: Annotations; readonly at: number }>({ max: 1_000 });
  const flights = new Flights<Annotations>();

  async function annotationsOf(api: KubernetesApi, identity: Identity, signal: AbortSignal): Promise<Annotations> {
    const account = `${identity.namespace}/${identity.serviceAccount}`;
    const kept = known.get(account);
    if (kept !== undefined && clock.now() - kept.at < keptMs) return kept.annotations;
    try {
      const annotations = await flights.join(account, () => readAnnotations(api, identity, signal));
      known.set(account, { annotations, at: clock.now() });
      return annotations;
    } catch (error) {
      if (kept !== undefined && toProviderError(error).reason === "outage") return kept.annotations;
      known.delete(account);
      throw error;
    }
  }

  return {
    async resolve(lookups, identity, signal) {
      const [first] = lookups;
      if (first === undefined) return new Map();
      if (api === undefined) throw noApi(first);
      const { namespace, serviceAccount: name } = identity;
      const annotations = await annotationsOf(api, identity, signal);
      const wanted = lookups.filter((each) => each.optional !== true || (annotations.get(each.name) ?? "") !== "");
      return new Map(
        wanted.map((lookup) => [lookup.name, requireAnnotation(annotations, lookup, `${namespace}/${name}`)]),
      );
    },
  };
}

function noApi({ instead }: Lookup): ProviderError {
  return new ProviderError("LK0012", "there is no Kubernetes API to read the service account's annotation from", {
    fix: `${instead}, or give --kubernetes-api`,
  });
}

async function readAnnotations(
  api: KubernetesApi,
  { namespace, serviceAccount }: Identity,
  signal: AbortSignal,
): Promise<Annotations> {
  const { readServiceAccount } = await import("../kubernetes/service-account.ts");
  const account = await readServiceAccount(api, namespace, serviceAccount, signal);
  if (account !== undefined) return account.annotations;
  throw new ProviderError("LK0014", `the service account ${namespace}/${serviceAccount} does not exist`, {
    fix: "create it, or let the pod run as one that exists",
  });
}

function requireAnnotation(annotations: Annotations, { name }: Lookup, account: string): string {
  const value = annotations.get(name);
  if (value !== undefined && value !== "") return value;
  throw new ProviderError("LK0014", `the service account ${account} has no annotation ${name}`, {
    fix: `annotate it: kubectl annotate serviceaccount -n ${account.replace("/", " ")} ${name}=<value>`,
  });
}
