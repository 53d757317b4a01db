import { LRUCache } from "lru-cache";
import type { Clock } from "../cache/clock.ts";
import { Flights } from "../cache/flights.ts";
import { canonicalText } from "../cache/keys.ts";
import { quoted } from "../dialects/problems.ts";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { type ReadClass, readSecretProviderClass } from "../kubernetes/secret-provider-class.ts";
import type { Offer } from "./contract.ts";

/** How long a class counts without being read again, in milliseconds: it may have been deleted and made anew, and all of its Secrets are looked at together. */
const longestKept = 30_000;

/** So many reads of one class in so long, in milliseconds: one that was just changed is read again, a pod that lies is no flood. */
const mostReads = { count: 3, within: 15_000 };

interface Kept {
  readonly read: ReadClass | undefined;
  readonly at: number;
  /** When it was read lately, this time the last. */
  readonly reads: readonly number[];
}

/** What classes are asked with. */
export interface ClassesOptions {
  readonly api: KubernetesApi;
  readonly clock: Clock;
}

/** SecretProviderClasses as the API has them: what a request says of one is the pod author's word. */
export class Classes {
  readonly #options: ClassesOptions;
  readonly #kept = new LRUCache<string, Kept>({ max: 5_000 });
  readonly #flights = new Flights<Kept>();

  constructor(options: ClassesOptions) {
    this.#options = options;
  }

  /**
   * The class that an offer names, where the API's own has these very parameters. Throws `LK0051` where it has not, and
   * what the API client throws.
   */
  async require(offer: Omit<Offer, "secrets">, signal: AbortSignal): Promise<ReadClass> {
    const { clock } = this.#options;
    const key = `${offer.identity.namespace}/${offer.secretProviderClass}`;
    const kept = this.#kept.get(key);
    const age = kept === undefined ? Number.POSITIVE_INFINITY : clock.now() - kept.at;
    if (kept?.read !== undefined && fits(kept.read, offer) && age < longestKept) return kept.read;
    const known = kept !== undefined && isReadEnough(kept, clock.now()) ? kept : await this.#read(key, offer, signal);
    if (known.read !== undefined && fits(known.read, offer)) return known.read;
    throw refused(offer, known.read);
  }

  async #read(
    key: string,
    { identity, secretProviderClass }: Omit<Offer, "secrets">,
    signal: AbortSignal,
  ): Promise<Kept> {
    const { api, clock } = this.#options;
    const kept = await this.#flights.join(key, async () => {
      const read = await readSecretProviderClass(api, identity.namespace, secretProviderClass, signal);
      const at = clock.now();
      const before = this.#kept.get(key)?.reads ?? [];
      return { read, at, reads: [...before, at].slice(-mostReads.count) };
    });
    this.#kept.set(key, kept);
    return kept;
  }
}

function isReadEnough({ reads }: Kept, now: number): boolean {
  return reads.filter((at) => now - at < mostReads.within).length >= mostReads.count;
}

/** A word of the pod author's that only asks for fresher values is no other content. */
function fits({ provider, parameters }: ReadClass, offer: Omit<Offer, "secrets">): boolean {
  return provider === offer.provider && textOf(parameters) === textOf(offer.parameters);
}

function textOf(parameters: ReadonlyMap<string, string>): string {
  const own = [...parameters].filter(
    ([name]) => name !== "notBefore" && name !== "secretProviderClass" && !name.startsWith("csi.storage.k8s.io/"),
  );
  return canonicalText(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refused(
  { identity, secretProviderClass }: Omit<Offer, "secrets">,
  read: ReadClass | undefined,
): ProviderError {
  const shown = `${identity.namespace}/${secretProviderClass.slice(0, 253)}`;
  if (read === undefined) {
    return new ProviderError("LK0051", `the Kubernetes API knows no SecretProviderClass ${quoted(shown)}`, {
      fix: "name one in the volume's attributes; the sync controller writes its Secrets itself",
    });
  }
  return new ProviderError("LK0051", `the pod's parameters are not those of the SecretProviderClass ${quoted(shown)}`, {
    fix: "remove what the pod's volumeAttributes override, and write it into a SecretProviderClass",
  });
}
