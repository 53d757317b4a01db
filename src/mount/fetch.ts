import type { Plan, Wanted } from "../dialects/plan.ts";
import { ProviderError } from "../errors.ts";
import type { Secret } from "../stores/store.ts";
import { type Asked, type AskOptions, askSecret, type Outcome } from "./ask-secret.ts";
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
  /** Everything that was asked for, and what came: each secret, and what searches found. */
  readonly asked: readonly Asked[];
}

/**
 * Fetches all secrets of a plan at once, through the cache. Throws `LK0005` as soon as what came has more bytes than
 * `mostBytes`: what is still being asked for is not waited for, and keeps no more memory than the cache gives it.
 */
export async function fetchSecrets(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const secrets = new Map<string, Secret>();
  const failures: ProviderError[] = [];
  const asked: Asked[] = [];
  const scale = new Scale(options.mostBytes);
  const ask = (wanted: Wanted) => askSecret(wanted, options, scale);
  const coming = plan.secrets.map(
    (wanted): Coming => (wanted.find === undefined ? ask(wanted) : askFound(wanted, wanted.find, ask)),
  );
  const all = await settled(coming, scale);
  for (const [index, wanted] of plan.secrets.entries()) {
    const come = all[index] ?? new ProviderError("LK0001", "the secret was not asked for");
    if ("parts" in come) asked.push(...come.parts);
    else asked.push({ wanted, outcome: come });
    const value = come instanceof ProviderError ? come : come.value;
    if (value instanceof ProviderError) {
      if (wanted.optional !== true || value.reason !== "absent") failures.push(...told(value, wanted));
      continue;
    }
    secrets.set(wanted.id, value);
  }
  return { secrets, failures, asked };
}

/** What went wrong with one secret, or with each that a search found. */
function told(error: ProviderError, { subject }: Wanted): readonly ProviderError[] {
  return (error.problems.length === 0 ? [error] : error.problems).map((problem) => problem.about(subject));
}

type Come = Outcome | FoundTogether;
type Coming = Come | Promise<Come>;

/** Most mounts find everything in the cache: those need not wait. */
async function settled(outcomes: readonly Coming[], scale: Scale): Promise<readonly Come[]> {
  const done = outcomes.filter((outcome): outcome is Come => !(outcome instanceof Promise));
  if (done.length === outcomes.length) return done;
  return await Promise.race([Promise.all(outcomes), scale.broken]);
}
