import type { Clock } from "../async/clock.ts";
import { untilAborted } from "../async/until-aborted.ts";
import type { Ask, Served } from "../cache/ask.ts";
import type { Cache } from "../cache/cache.ts";
import type { About } from "../cache/entries.ts";
import type { Bounds, Loaded } from "../cache/freshness.ts";
import { keyOf, keyOfPod } from "../cache/keys.ts";
import type { Trial } from "../cache/trial.ts";
import { noneNeeded, ProviderError, toProviderError } from "../errors.ts";
import type { NextSources, Source, Wanted } from "../plan/plan.ts";
import type { Verify } from "../plan/verify.ts";
import type { CallContext, Identity, OtherSource, Secret, Session, Store, Stores } from "../stores/store.ts";
import type { Verifier } from "../verify/verifier.ts";
import type { AskKey } from "./ask-keys.ts";
import type { Leases } from "./leases/leases.ts";
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
  /** Keeps up what is issued; absent where nothing outlives a mount. */
  readonly leases?: Pick<Leases, "hold"> | undefined;
  /** Tries new values before they are released; absent where the operator does not allow it. */
  readonly verifier?: Pick<Verifier, "try"> | undefined;
}

/**
 * Asks for one secret: at once where the cache has it fresh, which counts whatever the order of sources. Throws the
 * `ProviderError` of the source, or of all of them.
 */
export function askSecret(wanted: Wanted, options: AskOptions): Answered | Promise<Answered> {
  const { source, next, together: unit } = wanted;
  const want = { bounds: options.boundsOf(wanted), unit, verify: options.verifier && wanted.verify };
  const { bounds } = want;
  const { identity, mountedAt, cache } = options;
  const { namespace, pod, proved } = identity;
  const { key } = keyOfWanted(source, want, options);
  const look = { key, about: { namespace }, shared: proved, pod: pod?.uid ?? "", mountedAt, unit, bounds };
  const fresh = cache.kept(look, true);
  if (fresh !== undefined) return fresh;
  return next === undefined ? askSource(source, want, options) : askSources(source, next, want, options);
}

/** How a source is asked. */
interface Want {
  readonly bounds: Bounds;
  readonly unit?: string | undefined;
  /** Another source can be asked instead. */
  readonly hasNext?: boolean;
  readonly verify?: Verify | undefined;
}

/** The keys of a source. What is tried has an entry of its own: another class would release the value untried. */
function keyOfWanted(source: Source, { verify }: Want, options: AskOptions): AskKey {
  const keys = options.keyOf(source);
  return verify === undefined ? keys : { ...keys, key: keyOf(keys.key, verify) };
}

async function askSource(source: Source, want: Want, options: AskOptions): Promise<Served<Secret>> {
  const store = await options.stores.load(source.store);
  const { signal } = options.context;
  try {
    return await (store.isLocal(source.settings, source.ref)
      ? untilAborted(loadLocal(source, store, want, options), signal)
      : options.cache.get(askFor(source, store, want, options)));
  } catch (thrown) {
    const { namespace, serviceAccount } = options.identity;
    const subject = `${source.store} ${store.nameOf(source.ref)} as ${namespace}/${serviceAccount}`;
    throw toProviderError(signal.aborted ? signal.reason : thrown).about(subject);
  }
}

/** Asks several sources. Who is still being asked at the end is left to it: a flight is kept for the next mount. */
async function askSources(source: Source, next: NextSources, want: Want, options: AskOptions) {
  const { clock, context } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const within = { ...options, context: { ...context, signal } };
  try {
    const first = await sourceAsk(source, { ...want, hasNext: true }, within);
    const last = next.sources.length - 1;
    const others = next.sources.map(async (other, at): Promise<SourceAsk> => {
      const ask = await sourceAsk(other, { ...want, hasNext: at < last }, within);
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

/** Reads from the node. Parts that other stores hold go through the cache: where one is stale, so is the whole. */
async function loadLocal(source: Source, store: Store, want: Want, options: AskOptions): Promise<Served<Secret>> {
  const parts: Served<Secret>[] = [];
  const ask = async (other: OtherSource) => {
    const part = await askSource(other, want, options);
    parts.push(part);
    return part.value;
  };
  const { signal, count } = options.context;
  const local = askFor(source, store, want, { ...options, context: { signal, count, ask } });
  const { value } = await local.load(signal);
  const stale = parts.filter(({ how }) => how === "stale");
  if (stale.length === 0) return { value, how: "fetched", ageMs: 0 };
  return { value, how: "stale", ageMs: Math.max(...stale.map(({ ageMs }) => ageMs)) };
}

function askFor(source: Source, store: Store, want: Want, options: AskOptions): Ask<Secret> {
  const { bounds, unit, hasNext = false, verify } = want;
  const { identity, mountedAt, context } = options;
  const { settings, ref } = source;
  const { namespace, serviceAccount, pod } = identity;
  const { key, login, ref: refHash } = keyOfWanted(source, want, options);
  const where = { place: store.place(settings), endpoint: `${store.kind} ${store.endpoint(settings)}` };
  const ask = {
    key,
    about: { ...where, namespace, serviceAccount, store: store.kind, name: store.nameOf(ref), ref: refHash, login },
    servers: (store.servers?.(settings) ?? [store.endpoint(settings)]).map((server) => `${store.kind} ${server}`),
    shared: isProved(identity, store, settings),
    issues: store.effect(ref) === "issue",
    bounds,
  };
  return {
    ...ask,
    pod: pod?.uid ?? "",
    forPod: isForPod(source, store),
    hasNext,
    mountedAt,
    unit,
    verify: verify && trialOf(verify, { namespace, login }, options),
    signal: context.signal,
    load: (signal) => load(source, store, ask, { ...options, context: { ...context, signal } }),
  };
}

/** Reads the secret from its store, as the identity. What it issues hangs on a login of the pod's own, and is kept up. */
async function load(source: Source, store: Store, ask: Asked, options: AskOptions): Promise<Loaded<Secret>> {
  const { settings, ref } = source;
  const { identity, lookups, context, cache } = options;
  const { login } = ask.about;
  const needs = store.needs(settings);
  const found = needs.length === 0 ? new Map<string, string>() : await lookups.resolve(needs, identity, context.signal);
  const pod = identity.pod?.uid ?? "";
  const alone = ask.issues || cache.issues(ask.key);
  const own = alone ? [pod, "issues"] : [isForPod(source, store) ? pod : ""];
  const way = {
    key: keyOf(login, [...found], ...own),
    ...{ store: store.kind, namespace: identity.namespace, pod, alone },
    open: (opening: CallContext) => store.open({ identity, settings, found, context: opening }),
    issued: keepUp(source, ask, options),
  };
  const loaded = await options.sessionsFor(isProved(identity, store, settings)).read(way, ref, context);
  // A pod author decides how long a name is, and it is kept with the value; two bytes a character, at worst.
  return { ...loaded, bytes: loaded.bytes + 2 * ask.about.name.length };
}

/** How the cache tries a new value. */
function trialOf(
  verify: Verify,
  owner: Pick<About, "namespace" | "login">,
  { verifier }: AskOptions,
): Trial<Secret> | undefined {
  if (verifier === undefined) return undefined;
  return { hold: verify.hold, try: (secret, signal) => verifier.try(verify, secret, owner, signal) };
}

/** The part of an ask that a load needs. */
type Asked = Pick<Ask<Secret>, "key" | "about" | "servers" | "shared"> & {
  readonly issues: boolean;
  readonly bounds: Bounds;
};

/** How an issued answer is kept up; undefined where nothing is kept of this identity, or where no pod is behind it. */
function keepUp(
  { settings }: Source,
  { key, about, servers, shared, bounds }: Asked,
  { identity, leases }: AskOptions,
) {
  const { pod } = identity;
  if (!shared || pod === undefined || leases === undefined) return undefined;
  return (session: Session, secret: Secret) =>
    leases.hold({
      ...{ key: keyOfPod(key, pod.uid), sharedKey: key, pod, at: { about, servers, settings } },
      ...{ secret, session, spread: bounds.spread },
    });
}

function isForPod({ settings, share }: Source, store: Store): boolean {
  return share === "pod" || store.scope(settings) === "pod";
}

/** By its token; or by its credentials, which are part of every key, where the login is made from them alone. */
function isProved({ proved, credentials }: Identity, store: Store, settings: unknown): boolean {
  return proved || (credentials !== undefined && store.proof(settings) === "credentials");
}
