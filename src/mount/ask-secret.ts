import type { Cache } from "../cache/cache.ts";
import type { Clock } from "../cache/clock.ts";
import type { Ask, Served } from "../cache/contract.ts";
import type { Bounds, Loaded } from "../cache/freshness.ts";
import { keyOf } from "../cache/keys.ts";
import type { NextSources, Source, Wanted } from "../dialects/plan.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import type { CallContext, Identity, Secret, Store, Stores } from "../stores/store.ts";
import { untilAborted } from "../until-aborted.ts";
import type { AskKey } from "./ask-keys.ts";
import type { Lookups } from "./lookup.ts";
import type { Scale } from "./scale.ts";
import type { LoginWay, Sessions } from "./sessions.ts";
import { type Answered, askInOrder, type SourceAsk } from "./sources.ts";

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

/** A secret and how it was answered, or why it could not be had. */
export type Outcome = Answered | ProviderError;

/** One secret that was asked for, and what came. */
export interface Asked {
  readonly wanted: Wanted;
  readonly outcome: Outcome;
}

/** Asks for one secret: at once where the cache has it fresh, which is not weighed. */
export function askSecret(wanted: Wanted, options: AskOptions, scale: Scale): Outcome | Promise<Outcome> {
  return freshOf(wanted, options) ?? fetchOne(wanted, options, scale);
}

/** Returns the fresh answer that the cache has from the first source: it counts, whatever the order of sources. */
function freshOf(wanted: Wanted, options: AskOptions): Answered | undefined {
  const { identity, mountedAt, cache } = options;
  const { namespace, pod, proved } = identity;
  const { key } = options.keyOf(wanted.source);
  const look = { key, about: { namespace }, shared: proved, pod: pod?.uid ?? "", mountedAt };
  return cache.kept({ ...look, bounds: options.boundsOf(wanted) }, true);
}

/** The secret, or why it could not be had. */
async function fetchOne(wanted: Wanted, options: AskOptions, scale: Scale): Promise<Outcome> {
  const bounds = options.boundsOf(wanted);
  try {
    const served =
      wanted.next === undefined
        ? await (await sourceAsk(wanted.source, bounds, false, options)).get()
        : await fetchInOrder(wanted.source, wanted.next, bounds, options);
    scale.add(served.value);
    return served;
  } catch (thrown) {
    return toProviderError(thrown);
  }
}

/** Asks several sources. Who is still being asked at the end is left to it: a flight is kept for the next mount. */
async function fetchInOrder(source: Source, next: NextSources, bounds: Bounds, options: AskOptions) {
  const { clock, context } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const within = { ...options, context: { ...context, signal } };
  try {
    const first = await sourceAsk(source, bounds, true, within);
    const last = next.sources.length - 1;
    const others = await Promise.all(next.sources.map((other, at) => nextAsk(other, bounds, at < last, within)));
    return await askInOrder([first, ...others], { ...next, clock, signal });
  } finally {
    ended.abort(new ProviderError("LK0009", "the secret is not waited for any more"));
  }
}

/** A next source: its answers say which it was. */
async function nextAsk(source: Source, bounds: Bounds, hasNext: boolean, options: AskOptions): Promise<SourceAsk> {
  const ask = await sourceAsk(source, bounds, hasNext, options);
  const told = (served: Served<Secret>): Answered => ({ ...served, from: source });
  return {
    get: async () => told(await ask.get()),
    fresh: async () => told(await ask.fresh()),
    kept: () => {
      const kept = ask.kept();
      return kept && told(kept);
    },
  };
}

async function sourceAsk(source: Source, bounds: Bounds, hasNext: boolean, options: AskOptions): Promise<SourceAsk> {
  const { cache, context, identity } = options;
  const store = await options.stores.load(source.store);
  const subject = `${source.store} ${store.nameOf(source.ref)} as ${identity.namespace}/${identity.serviceAccount}`;
  const get = async (within: Bounds) => {
    try {
      const ask = { ...askFor(source, store, within, options), hasNext };
      return await untilAborted(store.local ? fetchLocal(ask, context.signal) : cache.get(ask), context.signal);
    } catch (thrown) {
      throw toProviderError(context.signal.aborted ? context.signal.reason : thrown).about(subject);
    }
  };
  return {
    get: () => get(bounds),
    fresh: () => get({ ...bounds, maxStale: 0 }),
    kept: () => (store.local ? undefined : cache.kept(askFor(source, store, bounds, options))),
  };
}

async function fetchLocal({ load }: Ask<Secret>, signal: AbortSignal): Promise<Served<Secret>> {
  const { value } = await load(signal);
  return { value, how: "fetched", ageMs: 0 };
}

function askFor(source: Source, store: Store, bounds: Bounds, options: AskOptions): Ask<Secret> {
  const { identity, mountedAt, context } = options;
  const { settings, ref } = source;
  const { namespace, serviceAccount, pod } = identity;
  const { key, login } = options.keyOf(source);
  return {
    key,
    about: { namespace, serviceAccount, store: store.kind, name: store.nameOf(ref), login },
    endpoint: `${store.kind} ${store.endpoint(settings)}`,
    place: store.place(settings),
    shared: isProved(identity, store, settings),
    pod: pod?.uid ?? "",
    forPod: isForPod(source, store),
    issues: store.effect(ref) === "issue",
    mountedAt,
    bounds,
    signal: context.signal,
    load: (signal) => load(source, store, login, { ...options, context: { ...context, signal } }),
  };
}

async function load(source: Source, store: Store, login: string, options: AskOptions): Promise<Loaded<Secret>> {
  const { settings, ref } = source;
  const { identity, lookups, context } = options;
  const sessions = options.sessionsFor(isProved(identity, store, settings));
  const found = await lookups.resolve(store.needs(settings), identity, context.signal);
  const pod = identity.pod?.uid ?? "";
  const forPod = isForPod(source, store);
  const way: LoginWay = {
    key: keyOf(login, [...found], forPod ? pod : ""),
    store: store.kind,
    pod,
    open: (opening) => store.open({ identity, settings, found, context: opening }),
  };
  const { secret, sessionEnd, forPod: isPodSession } = await sessions.read(way, ref, context);
  return { value: secret, bytes: sizeOf(secret), forPod: isPodSession, ...lifeOf(secret, sessionEnd) };
}

function isForPod({ settings, share }: Source, store: Store): boolean {
  return share === "pod" || store.scope(settings) === "pod";
}

/** By its token; or by its credentials, which are part of every key, where the login is made from them alone. */
function isProved({ proved, credentials }: Identity, store: Store, settings: unknown): boolean {
  return proved || (credentials !== undefined && store.proof(settings) === "credentials");
}

/** Returns how long an answer counts. An issued one (a lease) ends with the session that it hangs on, or earlier. */
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
