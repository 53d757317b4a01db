import { ProviderError, reportIt, toProviderError } from "../errors.ts";
import type { Plan, Wanted, WantedGroup } from "../plan/plan.ts";
import { Work } from "../plan/work.ts";
import type { Secret } from "../stores/store.ts";
import { type AskOptions, askSecret } from "./ask-secret.ts";
import { releasedTogether } from "./release-together.ts";
import { askSearch, type SearchResult } from "./search-result.ts";
import type { Answer, Answered } from "./source-order.ts";
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
  /** Everything that was asked for, in the plan's order, and what came: each secret, and what searches found. */
  readonly answers: ReadonlyMap<Wanted, Answer>;
}

/**
 * Fetches all secrets of a plan at once, through the cache. Throws `LK0005` as soon as what came has more bytes than
 * `mostBytes`: what is still being asked for is not waited for, and keeps no more memory than the cache gives it.
 */
export async function fetchSecrets(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const scale = new Scale(options.mostBytes);
  const work = new Work();
  // Here alone what was thrown becomes an answer: one secret's failure does not end the others.
  const ask = (wanted: Wanted): Answer | Promise<Answer> => {
    const asked = askSecret(wanted, options);
    return asked instanceof Promise ? asked.then((answered) => scale.weigh(answered)).catch(toProviderError) : asked;
  };
  const members = plan.groups === undefined ? undefined : askGroups(plan.groups, ask);
  const coming = plan.secrets.map((wanted): Coming => {
    const member = members?.get(wanted.id);
    if (member !== undefined) return member;
    return wanted.find === undefined ? ask(wanted) : askSearch(wanted, wanted.find, { ask, work });
  });
  const isHere = coming.every((each): each is Come => !(each instanceof Promise));
  // Most mounts find everything in the cache: those need not wait.
  const fetched = fetchedOf(plan, isHere ? coming : await Promise.race([Promise.all(coming), scale.broken]));
  return plan.secrets.some(({ together }) => together !== undefined)
    ? releasedOf(fetched, options.clock.now())
    : fetched;
}

/** The same, with what changes together released at once. */
function releasedOf(fetched: Fetched, now: number): Fetched {
  const answers = releasedTogether(fetched.answers, now);
  const secrets = new Map(fetched.secrets);
  for (const [{ id }, answer] of answers) {
    if (secrets.has(id) && "value" in answer) secrets.set(id, answer.value);
  }
  return { ...fetched, answers, secrets };
}

type Come = Answer | SearchResult | OfGroup;
type Coming = Come | Promise<Come>;

/** Asks for what is read as one; gives what comes of each member, by its id. */
function askGroups(
  groups: readonly WantedGroup[],
  ask: (wanted: Wanted) => Answer | Promise<Answer>,
): ReadonlyMap<string, OfGroup | Promise<OfGroup>> {
  const members = new Map<string, OfGroup | Promise<OfGroup>>();
  for (const group of groups) {
    const whole = ask(group.wanted);
    for (const [index, { id }] of group.members.entries()) {
      const mine = (answer: Answer) => ofGroup(answer, group, index);
      members.set(id, whole instanceof Promise ? whole.then(mine) : mine(whole));
    }
  }
  return members;
}

function fetchedOf(plan: Plan, come: readonly Come[]): Fetched {
  const secrets = new Map<string, Secret>();
  const answers = new Map<Wanted, Answer>();
  const failed = new Map<Wanted, ProviderError>();
  for (const [index, wanted] of plan.secrets.entries()) {
    const { answer, whole } = asOfGroup(come[index]);
    for (const [part, its] of "parts" in answer ? answer.parts : [[wanted, answer] as const]) answers.set(part, its);
    const value = answer instanceof ProviderError ? answer : answer.value;
    // What fails a group fails all of it, and is told once.
    if (value instanceof ProviderError) failed.set(whole ?? wanted, value);
    else secrets.set(wanted.id, value);
  }
  const failures = [...failed].flatMap(([wanted, error]) => told(error, wanted, plan.names?.get(wanted.source)));
  return { secrets, failures: failures.length > 1 ? tellLoginsOnce(failures) : failures, answers };
}

function asOfGroup(come: Come | undefined): { readonly answer: Answer | SearchResult; readonly whole?: Wanted } {
  if (come === undefined)
    return { answer: new ProviderError("LK0001", "the secret was not asked for", { fix: reportIt }) };
  return "answer" in come ? come : { answer: come };
}

/** Returns the errors for one secret, or for each that a search found, if it had to be there; `name` is the store's. */
function told(error: ProviderError, { subject, optional }: Wanted, name: string | undefined): readonly ProviderError[] {
  if (optional === true && error.reason === "absent") return [];
  const isNamed = ({ details }: ProviderError) => name === undefined || details.subject !== undefined;
  return error.singles.map((problem) => (isNamed(problem) ? problem : problem.about(name ?? "")).about(subject));
}

/** Weighs what a mount holds of what was fetched for it; costs nothing where all was in the cache. */
class Scale {
  readonly #most: number;
  #weighed: Set<Secret> | undefined;
  #broken: PromiseWithResolvers<never> | undefined;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Rejects with `LK0005` when it is too much. */
  get broken(): Promise<never> {
    this.#broken ??= Promise.withResolvers<never>();
    return this.#broken.promise;
  }

  /** Adds the secret of an answer, once; gives the answer. Has to be called before whoever waits for it goes on. */
  weigh(answered: Answered): Answered {
    const { value: secret } = answered;
    this.#weighed ??= new Set();
    if (this.#weighed.has(secret)) return answered;
    this.#weighed.add(secret);
    this.#bytes += (secret.envelope ?? secret.value).reveal().length;
    if (this.#bytes <= this.#most) return answered;
    this.#broken?.reject(
      new ProviderError("LK0005", `the secrets of this volume have more than ${this.#most} bytes`, {
        fix: "mount fewer or smaller secrets in one volume",
      }),
    );
    return answered;
  }
}
