import type { Plan, Wanted } from "../dialects/plan.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import type { CallContext, Identity, Outcome, Secret, Session, Store, StoreKind, Stores } from "../stores/store.ts";
import { untilAborted } from "../until-aborted.ts";
import type { Lookups } from "./lookup.ts";

/** What fetching needs besides the plan. */
export interface FetchOptions {
  readonly stores: Stores;
  readonly lookups: Lookups;
  readonly identity: Identity;
  readonly context: CallContext;
}

/** What came of every secret of a plan. */
export interface Fetched {
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Secrets that could not be had, in the plan's order, with store, identity, cause and fix. */
  readonly failures: readonly ProviderError[];
  /** Ends the logins that were made for it; never rejects. */
  close(): Promise<void>;
}

/** What one login serves: the wanted secrets of one store with equal settings. */
interface Group {
  readonly kind: StoreKind;
  readonly settings: unknown;
  readonly wanted: Wanted[];
}

type Answer = readonly [Wanted, Outcome];

/** Fetches all secrets of a plan: one login for each store and settings, all at once. */
export async function fetchSecrets(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const sessions: Session[] = [];
  const groups = groupByLogin(plan.secrets);
  const answers = new Map((await Promise.all(groups.map((group) => fetchGroup(group, options, sessions)))).flat());
  const secrets = new Map<string, Secret>();
  const failures: ProviderError[] = [];
  for (const wanted of plan.secrets) {
    const outcome = answers.get(wanted) ?? noOutcome;
    if (outcome.ok) secrets.set(wanted.id, outcome.secret);
    else failures.push(outcome.error.about(wanted.subject));
  }
  const close = async () => {
    await Promise.all(sessions.map((session) => session.close()));
  };
  return { secrets, failures, close };
}

const noOutcome: Outcome = { ok: false, error: new ProviderError("LK0001", "the store gave no outcome") };

function groupByLogin(secrets: readonly Wanted[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const wanted of secrets) {
    const { store: kind, settings } = wanted.source;
    const key = JSON.stringify([kind, settings]);
    const group = groups.get(key) ?? { kind, settings, wanted: [] };
    group.wanted.push(wanted);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function fetchGroup(group: Group, options: FetchOptions, sessions: Session[]): Promise<readonly Answer[]> {
  const { context, identity } = options;
  const store = await options.stores.load(group.kind);
  const explain = (wanted: Wanted, error: ProviderError) =>
    error.about(`${group.kind} ${store.nameOf(wanted.source.ref)} as ${identity.namespace}/${identity.serviceAccount}`);
  try {
    const session = await openSession(store, group, options, sessions);
    const refs = group.wanted.map((wanted) => wanted.source.ref);
    const outcomes = await untilAborted(session.fetch(refs, context), context.signal);
    return group.wanted.map((wanted, index) => [wanted, explained(outcomes[index], (error) => explain(wanted, error))]);
  } catch (thrown) {
    const error = toProviderError(context.signal.aborted ? context.signal.reason : thrown);
    return group.wanted.map((wanted) => [wanted, { ok: false, error: explain(wanted, error) }]);
  }
}

async function openSession(store: Store, group: Group, options: FetchOptions, sessions: Session[]): Promise<Session> {
  const { identity, lookups, context } = options;
  const found = await untilAborted(
    lookups.resolve(store.needs(group.settings), identity, context.signal),
    context.signal,
  );
  const opening = store.open({ identity, settings: group.settings, found, context }).then((session) => {
    // A login that comes after the mount was answered is ended here, for nobody else will.
    if (context.signal.aborted) void session.close();
    else sessions.push(session);
    return session;
  });
  return await untilAborted(opening, context.signal);
}

function explained(outcome: Outcome = noOutcome, explain: (error: ProviderError) => ProviderError): Outcome {
  return outcome.ok ? outcome : { ok: false, error: explain(outcome.error) };
}
