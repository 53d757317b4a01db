import type { Clock } from "../async/clock.ts";
import { untilAborted } from "../async/until-aborted.ts";
import type { Ask, Served } from "../cache/ask.ts";
import type { Cache } from "../cache/cache.ts";
import type { Bounds, Loaded } from "../cache/freshness.ts";
import { keyOf } from "../cache/keys.ts";
import { noneNeeded, ProviderError, toProviderError } from "../errors.ts";
import type { NextSources, Source, Wanted } from "../plan/plan.ts";
import type { CallContext, Identity, Secret, Store, Stores } from "../stores/store.ts";
import type { AskKey } from "./ask-keys.ts";
import type { Lookups } from "./lookup.ts";
import type { Sessions } from "./sessions.ts";
import { type Answered, askInOrder, type SourceAsk } from "./source-order.ts";

/** Everything that asking for one secret needs. */
export interface AskOptions {
  readonly stores: Stores;
  readonly lookups: Lookups;
  readonly cache: Cache<Secret>;
  readonly clock: Clock;
  /** The sessions of all mounts; of this mount alone where the identity is not proved. */
  readonly sessionsFor: (proved: boolean) => Sessions;
  readonly identity: Identity;
  /** When the volume was first mounted, by `Clock.now`; undefined for one that is not mounted yet. */
  readonly mountedAt: number | undefined;
  readonly boundsOf: (wanted: Wanted) => Bounds;
  readonly keyOf: (source: Source) => AskKey;
  readonly context: CallContext;
}

/**
 * Asks for one secret: at once where the cache has it fresh, which counts whatever the order of sources. Throws the
 * `ProviderError` of the source, or of all of them.
 */
export function askSecret(wanted: Wanted, options: AskOptions): Answered | Promise<Answered> {
  const { source, next } = wanted;
  const bounds = options.boundsOf(wanted);
  const { identity, mountedAt, cache } = options;
  const { namespace, pod, proved } = identity;
  const { key } = options.keyOf(source);
  const look = { key, about: { namespace }, shared: proved, pod: pod?.uid ?? "", mountedAt, bounds };
  const fresh = cache.kept(look, true);
  if (fresh !== undefined) return fresh;
  return next === undefined ? askSource(source, { bounds }, options) : askSources(source, next, bounds, options);
}

/** How a source is asked. */
interface Want {
  readonly bounds: Bounds;
  /** Another source can be asked instead. */
  readonly hasNext?: boolean;
}

async function askSource(source: Source, want: Want, options: AskOptions): Promise<Served<Secret>> {
  const store = await options.stores.load(source.store);
  const { signal } = options.context;
  try {
    const ask = askFor(source, store, want, options);
    return await (store.isLocal(source.settings, source.ref)
      ? untilAborted(loadLocal(ask), signal)
      : options.cache.get(ask));
  } catch (thrown) {
    const { namespace, serviceAccount } = options.identity;
    const subject = `${source.store} ${store.nameOf(source.ref)} as ${namespace}/${serviceAccount}`;
    throw toProviderError(signal.aborted ? signal.reason : thrown).about(subject);
  }
}

/** Asks several sources. Who is still being asked at the end is left to it: a flight is kept for the next mount. */
async function askSources(source: Source, next: NextSources, bounds: Bounds, options: AskOptions) {
  const { clock, context } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const within = { ...options, context: { ...context, signal } };
  try {
    const first = await sourceAsk(source, { bounds, hasNext: true }, within);
    const last = next.sources.length - 1;
    const others = next.sources.map(async (other, at): Promise<SourceAsk> => {
      const ask = await sourceAsk(other, { bounds, hasNext: at < last }, within);
      return { ...ask, from: other };
    });
    return await askInOrder([first, ...(await Promise.all(others))], { ...next, clock, signal });
  } finally {
    ended.abort(new ProviderError("LK0009", "nobody waits for the secret any more", { fix: noneNeeded }));
  }
}

async function sourceAsk(source: Source, want: Want, options: AskOptions): Promise<SourceAsk> {
  const store = await options.stores.load(source.store);
  const freshWant = { ...want, bounds: { ...want.bounds, maxStale: 0 } };
  return {
    get: () => askSource(source, want, options),
    fresh: () => askSource(source, freshWant, options),
    kept: () =>
      store.isLocal(source.settings, source.ref) ? undefined : options.cache.kept(askFor(source, store, want, options)),
  };
}

async function loadLocal({ load, signal }: Ask<Secret>): Promise<Served<Secret>> {
  const { value } = await load(signal);
  return { value, how: "fetched", ageMs: 0 };
}

function askFor(source: Source, store: Store, { bounds, hasNext = false }: Want, options: AskOptions): Ask<Secret> {
  const { identity, mountedAt, context } = options;
  const { settings, ref } = source;
  const { namespace, serviceAccount, pod } = identity;
  const { key, login, ref: refHash } = options.keyOf(source);
  const where = { place: store.place(settings), endpoint: `${store.kind} ${store.endpoint(settings)}` };
  return {
    key,
    about: { ...where, namespace, serviceAccount, store: store.kind, name: store.nameOf(ref), ref: refHash, login },
    servers: (store.servers?.(settings) ?? [store.endpoint(settings)]).map((server) => `${store.kind} ${server}`),
    shared: isProved(identity, store, settings),
    pod: pod?.uid ?? "",
    forPod: isForPod(source, store),
    issues: store.effect(ref) === "issue",
    hasNext,
    mountedAt,
    bounds,
    signal: context.signal,
    load: (signal) => load(source, store, login, { ...options, context: { ...context, signal } }),
  };
}

/** Reads the secret from its store, as the identity. */
async function load(source: Source, store: Store, login: string, options: AskOptions): Promise<Loaded<Secret>> {
  const { settings, ref } = source;
  const { identity, lookups, context } = options;
  const needs = store.needs(settings);
  const found = needs.length === 0 ? new Map<string, string>() : await lookups.resolve(needs, identity, context.signal);
  const pod = identity.pod?.uid ?? "";
  const way = {
    key: keyOf(login, [...found], isForPod(source, store) ? pod : ""),
    ...{ store: store.kind, namespace: identity.namespace, pod },
    open: (opening: CallContext) => store.open({ identity, settings, found, context: opening }),
  };
  const loaded = await options.sessionsFor(isProved(identity, store, settings)).read(way, ref, context);
  // A pod author decides how long a name is, and it is kept with the value; two bytes a character, at worst.
  return { ...loaded, bytes: loaded.bytes + 2 * store.nameOf(ref).length };
}

function isForPod({ settings, share }: Source, store: Store): boolean {
  return share === "pod" || store.scope(settings) === "pod";
}

/** By its token; or by its credentials, which are part of every key, where the login is made from them alone. */
function isProved({ proved, credentials }: Identity, store: Store, settings: unknown): boolean {
  return proved || (credentials !== undefined && store.proof(settings) === "credentials");
}
