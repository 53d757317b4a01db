import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import { Flights } from "../async/flights.ts";
import { canonicalText } from "../cache/keys.ts";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { type ReadClass, readSecretProviderClass } from "../kubernetes/secret-provider-class.ts";
import { splitParameters } from "../plan/common-parameters.ts";
import { quoted } from "../plan/problems.ts";
import type { Offer } from "./offer.ts";

/** So many reads in so long, in milliseconds, of a class that is not as pods say: one that was just changed is read again, a pod that lies is no flood. */
const mostReads = { count: 3, within: 15_000 };

/** A new pod's class that is not there is looked for again after this, in milliseconds: the driver has just seen it. */
const absentFor = 1_000;

interface Kept {
  readonly read: ReadClass | undefined;
  /** When the read began. */
  readonly at: number;
  /** When it was read lately, this time the last. */
  readonly reads: readonly number[];
}

/** Who offers, and of which class. */
type Offerer = Omit<Offer, "secrets">;

/** Everything that reading classes needs. */
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

  /** When the class of an offer was last read, by `Clock.now`, and its uid, empty if it was not there; undefined if it was not read lately. */
  lastRead(offer: Offerer): { readonly at: number; readonly uid: string } | undefined {
    const kept = this.#kept.get(keyOf(offer));
    return kept && { at: kept.at, uid: kept.read?.uid ?? "" };
  }

  /**
   * The class that an offer names, as it was `since` or later, if the API's own has these very parameters. Throws `LK0051` if it
   * has not, with a time to try again if that may pass by itself, and what the API client throws.
   */
  async require(offer: Offerer, since: number, signal: AbortSignal): Promise<ReadClass> {
    const kept = this.#kept.get(keyOf(offer));
    if (kept?.read !== undefined && kept.at >= since && fits(kept.read, offer)) return kept.read;
    // Somebody had to make a pod for it.
    const wait = kept === undefined || offer.isFirst ? 0 : this.#waitFor(kept, offer);
    if (wait > 0) throw refused(offer, kept?.read, wait);
    const { read } = await this.#read(offer, since, signal);
    if (read !== undefined && fits(read, offer)) return read;
    const mayCome = read === undefined && offer.isFirst && offer.secretProviderClass !== "";
    throw refused(offer, read, mayCome ? absentFor : undefined);
  }

  /** How long a class that does not fit is not read again, for it was read often lately. */
  #waitFor({ read, reads }: Kept, offer: Offerer): number {
    if (read !== undefined && fits(read, offer)) return 0;
    const oldest = reads.at(-mostReads.count);
    return oldest === undefined ? 0 : oldest + mostReads.within - this.#options.clock.now();
  }

  /** Joins a read under way; one that began too early is followed by another. */
  async #read(offer: Offerer, since: number, signal: AbortSignal): Promise<Kept> {
    const joined = await this.#flights.join(keyOf(offer), () => this.#readNow(offer, signal));
    return joined.at >= since ? joined : await this.#flights.join(keyOf(offer), () => this.#readNow(offer, signal));
  }

  async #readNow(offer: Offerer, signal: AbortSignal): Promise<Kept> {
    const { api, clock } = this.#options;
    const key = keyOf(offer);
    const at = clock.now();
    const read = await readSecretProviderClass(api, offer.identity.namespace, offer.secretProviderClass, signal);
    const kept = { read, at, reads: [...(this.#kept.get(key)?.reads ?? []), at].slice(-mostReads.count) };
    this.#kept.set(key, kept);
    return kept;
  }
}

function keyOf({ identity, secretProviderClass }: Offerer): string {
  return `${identity.namespace}/${secretProviderClass}`;
}

/** A word of the pod author's that only asks for fresher values is no other content. */
function fits({ provider, parameters }: ReadClass, offer: Offerer): boolean {
  return provider === offer.provider && textOf(parameters) === textOf(offer.parameters);
}

function textOf(parameters: ReadonlyMap<string, string>): string {
  return canonicalText([...splitParameters(parameters).own].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refused(offer: Offerer, read: ReadClass | undefined, retryAfterMs: number | undefined): ProviderError {
  const shown = quoted(keyOf(offer).slice(0, 317));
  if (read === undefined) {
    return new ProviderError("LK0051", `the Kubernetes API has no SecretProviderClass ${shown}`, {
      fix: "name one in the volume's attributes; the sync controller writes its Secrets itself",
      retryAfterMs,
    });
  }
  return new ProviderError("LK0051", `the pod's parameters are not those of the SecretProviderClass ${shown}`, {
    fix: "remove what the pod's volumeAttributes override, and write it into a SecretProviderClass",
    retryAfterMs,
  });
}
