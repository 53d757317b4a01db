import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import { Flights } from "../async/flights.ts";
import { keyOf } from "../cache/keys.ts";
import { toProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { PodToken } from "../kubernetes/token-request.ts";
import type { Plan } from "../plan/plan.ts";
import type { Redacted } from "../redacted.ts";
import type { Identity, OtherSource, Stores, TokenAudience } from "../stores/store.ts";
import type { Identified } from "./identity.ts";
import { serviceAccountUidIn } from "./token-verifier.ts";

/** A token is asked for anew when this share of its life is left. */
const spareShare = 0.2;

/** Longest that one request takes, in milliseconds; it is shared, so it does not end with whoever asked first. */
const longestRequest = 5_000;

/** A token that was asked for, and when it is time for another, by `Clock.wall`. */
interface Kept extends PodToken {
  readonly renewAt: number;
  /** Of the service account, as the token says. */
  readonly serviceAccountUid: string | undefined;
}

/** Everything that asking for tokens needs. */
export interface PodTokensOptions {
  readonly api: KubernetesApi;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Asks the Kubernetes API for the tokens that a plan's stores want and the driver did not send. Kept for most of their
 * life; while the API is away, beyond it: it is the store that judges a token.
 */
export class PodTokens {
  readonly #options: PodTokensOptions;
  readonly #kept = new LRUCache<string, Kept>({ max: 5_000 });
  readonly #flights = new Flights<Kept>();

  constructor(options: PodTokensOptions) {
    this.#options = options;
  }

  /**
   * The identity with those tokens. The API makes a token only for a pod that exists with this uid and runs as this
   * service account, so one that it made proves the identity. Throws what the API client throws, and
   * `LK0014`.
   */
  async complete(identity: Identified, plan: Plan): Promise<Identified> {
    const { pod } = identity;
    const missing = pod === undefined ? [] : await this.#missing(identity, plan);
    if (pod === undefined || missing.length === 0) return identity;
    const made = await Promise.all(missing.map((audience) => this.#tokenFor({ ...identity, pod }, audience)));
    const tokens = new Map<string, Redacted<string>>([
      ...identity.tokens,
      ...missing.map(({ name }, index) => [name, made[index]?.token] as const).filter(isPresent),
    ]);
    if (identity.proved) return { ...identity, tokens };
    const uid = made[0]?.serviceAccountUid;
    return { ...identity, tokens, proved: true, ...(uid === undefined ? {} : { serviceAccountUid: uid }) };
  }

  /** The audiences of the plan that no token is there for, each once. */
  async #missing({ tokens }: Identity, plan: Plan): Promise<readonly TokenAudience[]> {
    const sources = plan.secrets.flatMap(({ source, next }) => [source, ...(next?.sources ?? [])]);
    const audiences = new Map<string, TokenAudience>();
    for (const source of sources) {
      for (const audience of await this.#audiencesOf(source)) {
        if (!tokens.has(audience.name)) audiences.set(audience.name, audience);
      }
    }
    return [...audiences.values()];
  }

  /** Of the source itself, and of those that it asks. */
  async #audiencesOf({ store, settings, ref }: OtherSource): Promise<readonly TokenAudience[]> {
    const loaded = await this.#options.stores.load(store);
    await loaded.learnAudience?.(settings);
    const own = loaded.audience(settings);
    const others = (loaded.asks?.(settings, ref) ?? []).map((other) => this.#audiencesOf(other));
    return [...(own === undefined ? [] : [own]), ...(await Promise.all(others)).flat()];
  }

  async #tokenFor(identity: Asker, audience: TokenAudience): Promise<Kept> {
    const { namespace, serviceAccount, pod } = identity;
    const key = keyOf(namespace, serviceAccount, pod, audience);
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#options.clock.wall() < kept.renewAt) return kept;
    try {
      const made = await this.#flights.join(key, () => this.#ask(identity, audience, kept === undefined));
      this.#kept.set(key, made);
      return made;
    } catch (thrown) {
      if (kept !== undefined && toProviderError(thrown).reason === "outage") return kept;
      this.#kept.delete(key);
      throw thrown;
    }
  }

  async #ask({ namespace, serviceAccount, pod }: Asker, audience: TokenAudience, patient: boolean): Promise<Kept> {
    const { api, clock, random } = this.#options;
    const [{ requestPodToken }, { askAgain }] = await Promise.all([
      import("../kubernetes/token-request.ts"),
      import("../kubernetes/ask-again.ts"),
    ]);
    const audiences = audience.chosen ? [audience.name] : [];
    const request = { namespace, serviceAccount, pod, audiences };
    const ask = (signal: AbortSignal) => requestPodToken(api, request, signal);
    const made = await askAgain(ask, { clock, random, patient, longest: longestRequest });
    const life = made.expiresAt - clock.wall();
    // What the API itself made needs no verification.
    const serviceAccountUid = await serviceAccountUidIn(made.token);
    return { ...made, renewAt: clock.wall() + life * (1 - spareShare), serviceAccountUid };
  }
}

type Asker = Pick<Identity, "namespace" | "serviceAccount"> & { readonly pod: NonNullable<Identity["pod"]> };

function isPresent(
  entry: readonly [string, Redacted<string> | undefined],
): entry is readonly [string, Redacted<string>] {
  return entry[1] !== undefined;
}
