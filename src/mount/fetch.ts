import type { Plan, Wanted, WantedGroup } from "../dialects/plan.ts";
import { ProviderError } from "../errors.ts";
import type { Secret } from "../stores/store.ts";
import { type Asked, type AskOptions, askSecret, type Outcome } from "./ask-secret.ts";
import { askFound, type FoundTogether } from "./found.ts";
import { Scale } from "./scale.ts";
import { tellLoginsOnce } from "./tell-once.ts";
import { type OfGroup, ofGroup } from "./together.ts";

/** Everything that fetching needs besides the plan. */
export interface FetchOptions extends AskOptions {
  /** Most bytes that all secrets of the plan may have. */
  readonly mostBytes: number;
}

/** The results for all secrets of a plan. */
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
  const members = askGroups(plan.groups ?? [], ask);
  const coming = plan.secrets.map((wanted): Coming => {
    const member = members.get(wanted.id);
    if (member !== undefined) return member;
    return wanted.find === undefined ? ask(wanted) : askFound(wanted, wanted.find, ask);
  });
  const all = await settled(coming, scale);
  const failed = new Set<Wanted>();
  for (const [index, wanted] of plan.secrets.entries()) {
    const come = all[index] ?? new ProviderError("LK0001", "the secret was not asked for");
    asked.push(...askedOf(wanted, come));
    const value = secretIn(come);
    if (!(value instanceof ProviderError)) {
      secrets.set(wanted.id, value);
      continue;
    }
    // What fails a group fails all of it, and is told once.
    const teller = "whole" in come && come.whole !== undefined ? come.whole : wanted;
    if (failed.has(teller) || (teller.optional === true && value.reason === "absent")) continue;
    failed.add(teller);
    failures.push(...told(value, teller, plan.names?.get(teller.source)));
  }
  return { secrets, failures: tellLoginsOnce(failures), asked };
}

function askedOf(wanted: Wanted, come: Come): readonly Asked[] {
  if ("parts" in come) return come.parts;
  return [{ wanted, outcome: "outcome" in come ? come.outcome : come }];
}

function secretIn(come: Come): Secret | ProviderError {
  const outcome = "outcome" in come ? come.outcome : come;
  return outcome instanceof ProviderError ? outcome : outcome.value;
}

/** Asks for what is read as one; gives what comes of each member, by its id. */
function askGroups(
  groups: readonly WantedGroup[],
  ask: (wanted: Wanted) => Outcome | Promise<Outcome>,
): ReadonlyMap<string, OfGroup | Promise<OfGroup>> {
  const members = new Map<string, OfGroup | Promise<OfGroup>>();
  for (const group of groups) {
    const whole = ask(group.wanted);
    for (const [index, { id }] of group.members.entries()) {
      const mine = (outcome: Outcome) => ofGroup(outcome, group, index);
      members.set(id, whole instanceof Promise ? whole.then(mine) : mine(whole));
    }
  }
  return members;
}

/** Returns the errors for one secret, or for each that a search found; `name` is what the store calls it. */
function told(error: ProviderError, { subject }: Wanted, name: string | undefined): readonly ProviderError[] {
  const isNamed = ({ details }: ProviderError) => name === undefined || details.subject !== undefined;
  return error.singles.map((problem) => (isNamed(problem) ? problem : problem.about(name ?? "")).about(subject));
}

type Come = Outcome | FoundTogether | OfGroup;
type Coming = Come | Promise<Come>;

/** Most mounts find everything in the cache: those need not wait. */
async function settled(outcomes: readonly Coming[], scale: Scale): Promise<readonly Come[]> {
  const done = outcomes.filter((outcome): outcome is Come => !(outcome instanceof Promise));
  if (done.length === outcomes.length) return done;
  return await Promise.race([Promise.all(outcomes), scale.broken]);
}
