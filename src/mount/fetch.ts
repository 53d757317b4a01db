import type { Cache } from "../cache/cache.ts";
import type { Ask, Served } from "../cache/contract.ts";
import type { Bounds, Loaded } from "../cache/freshness.ts";
import { keyOf } from "../cache/keys.ts";
import type { Plan, Wanted } from "../dialects/plan.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import type { CallContext, Identity, Secret, Store, Stores } from "../stores/store.ts";
import { untilAborted } from "../until-aborted.ts";
import type { AskKey } from "./ask-keys.ts";
import type { Lookups } from "./lookup.ts";
import type { LoginWay, Sessions } from "./sessions.ts";

/** What fetching needs besides the plan. */
export interface FetchOptions {
  readonly stores: Stores;
  readonly lookups: Lookups;
  readonly cache: Cache<Secret>;
  /** Shared sessions for a proved identity, the mount's own for another. */
  readonly sessions: Sessions;
  readonly identity: Identity;
  /** When the volume was first mounted, by `Clock.now`; undefined for one that is not mounted yet. */
  readonly mountedAt: number | undefined;
  readonly boundsOf: (wanted: Wanted) => Bounds;
  readonly keyOf: (wanted: Wanted) => AskKey;
  readonly context: CallContext;
}

/** What came of every secret of a plan. */
export interface Fetched {
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Secrets that could not be had, in the plan's order, with store, identity, cause and fix. */
  readonly failures: readonly ProviderError[];
  /** How each secret was answered. */
  readonly served: readonly Omit<Served<Secret>, "value">[];
}

/** Fetches all secrets of a plan at once, through the cache. */
export async function fetchSecrets(plan: Plan, options: FetchOptions): Promise<Fetched> {
  const secrets = new Map<string, Secret>();
  const failures: ProviderError[] = [];
  const served: Omit<Served<Secret>, "value">[] = [];
  const outcomes = await Promise.all(plan.secrets.map((wanted) => fetchOne(wanted, options)));
  for (const [index, wanted] of plan.secrets.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome instanceof ProviderError) {
      failures.push((outcome ?? new ProviderError("LK0001", "the secret was not asked for")).about(wanted.subject));
      continue;
    }
    const { value, ...how } = outcome;
    secrets.set(wanted.id, value);
    served.push(how);
  }
  return { secrets, failures, served };
}

/** The secret, or why it could not be had. */
async function fetchOne(wanted: Wanted, options: FetchOptions): Promise<Served<Secret> | ProviderError> {
  const { identity, context } = options;
  const { store: kind, ref } = wanted.source;
  const store = await options.stores.load(kind);
  try {
    const ask = askFor(wanted, store, options);
    return await untilAborted(store.local ? fetchLocal(ask, context.signal) : options.cache.get(ask), context.signal);
  } catch (thrown) {
    const error = toProviderError(context.signal.aborted ? context.signal.reason : thrown);
    return error.about(`${kind} ${store.nameOf(ref)} as ${identity.namespace}/${identity.serviceAccount}`);
  }
}

async function fetchLocal({ load }: Ask<Secret>, signal: AbortSignal): Promise<Served<Secret>> {
  const { value } = await load(signal);
  return { value, how: "fetched", ageMs: 0 };
}

function askFor(wanted: Wanted, store: Store, options: FetchOptions): Ask<Secret> {
  const { identity, mountedAt, context } = options;
  const { settings, ref } = wanted.source;
  const { namespace, serviceAccount, pod, proved } = identity;
  const { key, login } = options.keyOf(wanted);
  return {
    key,
    about: { namespace, serviceAccount, store: store.kind, name: store.nameOf(ref), login },
    endpoint: `${store.kind} ${store.endpoint(settings)}`,
    shared: proved,
    pod: pod?.uid ?? "",
    mountedAt,
    bounds: options.boundsOf(wanted),
    signal: context.signal,
    load: (signal) => load(wanted, store, login, { ...options, context: { ...context, signal } }),
  };
}

async function load(wanted: Wanted, store: Store, login: string, options: FetchOptions): Promise<Loaded<Secret>> {
  const { settings, ref } = wanted.source;
  const { identity, lookups, sessions, context } = options;
  const found = await lookups.resolve(store.needs(settings), identity, context.signal);
  const way: LoginWay = {
    key: keyOf(login, [...found]),
    open: (opening) => store.open({ identity, settings, found, context: opening }),
  };
  const { secret, sessionEnd } = await sessions.read(way, ref, context);
  return { value: secret, bytes: sizeOf(secret), ...lifeOf(secret, sessionEnd) };
}

/** What a lease hangs on ends with it. */
function lifeOf(
  secret: Secret,
  sessionEnd: number | undefined,
): Pick<Loaded<Secret>, "immutable" | "issued" | "expiresAt"> {
  const issued = secret.issued === true;
  const ends = [secret.expiresAt, issued ? sessionEnd : undefined].filter((end) => end !== undefined);
  return { immutable: secret.immutable === true, issued, expiresAt: ends.length === 0 ? undefined : Math.min(...ends) };
}

/** Bookkeeping of an entry beside its bytes, roughly. */
const overhead = 1_024;

function sizeOf({ value, envelope }: Secret): number {
  return value.reveal().length + (envelope?.reveal().length ?? 0) + overhead;
}
