import type { Served } from "../cache/contract.ts";
import type { Plan, Wanted } from "../dialects/plan.ts";
import { ProviderError } from "../errors.ts";
import type { Secret } from "../stores/store.ts";
import { type AskOptions, askSecret, type Outcome } from "./ask-secret.ts";
import { askFound, type FoundTogether } from "./found.ts";
import { Scale } from "./scale.ts";

/** What fetching needs besides the plan. */
export interface FetchOptions extends AskOptions {
  /** Most bytes that all secrets of the plan may have. */
  readonly mostBytes: number;
}

/** What came of every secret of a plan. */
export interface Fetched {
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Secrets that could not be had, in the plan's order, with store, identity, cause and fix. */
  readonly failures: readonly ProviderError[];
  /** Since the store was asked for each secret, by `Wanted.id`, in milliseconds; of a search the longest. */
  readonly ages: ReadonlyMap<string, number>;
  /** How each secret was answered. */
  readonly served: readonly Omit<Served<Secret>, "value">[];
}

/**
 * Fetches all secrets of a plan at once, through the cache. Throws `LK0005` as soon as what came has more bytes than
 * `mostBytes`: what is still being asked for is not waited for, and keeps no more memory than the cache gives it.
 */
export async function fetchSecrets(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const secrets = new Map<string, Secret>();
  const failures: ProviderError[] = [];
  const ages = new Map<string, number>();
  const served: Omit<Served<Secret>, "value">[] = [];
  const scale = new Scale(options.mostBytes);
  const ask = (wanted: Wanted) => askSecret(wanted, options, scale);
  const asked = plan.secrets.map(
    (wanted): Coming => (wanted.find === undefined ? ask(wanted) : askFound(wanted, wanted.find, ask)),
  );
  const outcomes = await settled(asked, scale);
  for (const [index, wanted] of plan.secrets.entries()) {
    const outcome = outcomes[index];
    if (wanted.optional === true && outcome instanceof ProviderError && outcome.reason === "absent") continue;
    if (outcome === undefined || outcome instanceof ProviderError) {
      const error = outcome ?? new ProviderError("LK0001", "the secret was not asked for");
      const each = error.problems.length === 0 ? [error] : error.problems;
      failures.push(...each.map((problem) => problem.about(wanted.subject)));
      continue;
    }
    secrets.set(wanted.id, outcome.value);
    const parts = "parts" in outcome ? outcome.parts : [outcome];
    ages.set(wanted.id, Math.max(...parts.map(({ ageMs }) => ageMs)));
    served.push(...parts.map(howOf));
  }
  return { secrets, failures, ages, served };
}

type Come = Outcome | FoundTogether;
type Coming = Come | Promise<Come>;

function howOf({ how, ageMs }: Served<Secret>) {
  return { how, ageMs };
}

/** Most mounts find everything in the cache: those need not wait. */
async function settled(outcomes: readonly Coming[], scale: Scale): Promise<readonly Come[]> {
  const done = outcomes.filter((outcome): outcome is Come => !(outcome instanceof Promise));
  if (done.length === outcomes.length) return done;
  return await Promise.race([Promise.all(outcomes), scale.broken]);
}
