import * as z from "zod";
import { Cache } from "../../src/cache/cache.ts";
import { ProviderError } from "../../src/errors.ts";
import { AskKeys, whoOf } from "../../src/fetch/ask-keys.ts";
import { boundsOf } from "../../src/fetch/bounds.ts";
import { type Fetched, fetchSecrets } from "../../src/fetch/fetch.ts";
import { createLookups } from "../../src/fetch/lookup.ts";
import { Sessions } from "../../src/fetch/sessions.ts";
import type { NextSources, Plan, Wanted } from "../../src/plan/plan.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Identity, Secret, Store } from "../../src/stores/store.ts";
import { seeded, VirtualTime } from "../cache/virtual-time.ts";
import type { Outcome } from "../stores/outcomes.ts";

/** The identity that mounts have where a test does not say otherwise. */
export const someIdentity: Identity = {
  namespace: "shop",
  serviceAccount: "payments",
  serviceAccountUid: "sa-uid-1",
  pod: { name: "pod", uid: "pod-uid-1" },
  proved: true,
  tokens: new Map(),
};

/** The store's answer to a read: a value, or an error. */
type Reading = (identity: Identity, ref: unknown) => Outcome | Promise<Outcome>;

/** The secret that a fetch wants; a usual one unless it says otherwise. */
interface FetchWants {
  readonly settings?: unknown;
  readonly ref?: unknown;
  readonly next?: NextSources;
  readonly share?: "pod";
}

/** A node's fetching before a store that tells each asker's own name as the secret. */
export class FetchFixture {
  readonly time = new VirtualTime();
  readonly sessions = new Sessions(this.time);
  readonly cache: Cache<Secret>;
  readonly #keys = new AskKeys();
  /** Plans are kept from mount to mount, and so is what they want. */
  readonly #wanted = new Map<string, Wanted>();
  /** Reads that reached the store. */
  reads = 0;
  logins = 0;
  /** Logins are made from this. */
  proof: "token" | "credentials" = "token";
  reading: Reading = (identity, ref) => ({ ok: true, secret: { value: new Redacted(whose(identity, ref)) } });

  constructor(mostBytes = 1_000_000, budget = { calls: 32, queue: 100 }) {
    this.cache = new Cache<Secret>({
      ...{ clock: this.time, random: seeded(1), budget, mostBytes, slowAfter: 1_500 },
      ...{ staleAfter: 1_500, flightTimeout: 30_000, denyMemory: 10_000, dropFailed: () => undefined },
      same: () => false,
    });
  }

  /** Fetches one secret as a mount does; an identity that is not proved has sessions of its own. */
  fetch(identity: Identity, { settings, ref, next, share }: FetchWants = {}): Promise<Fetched> {
    const plan: Plan = {
      secrets: [this.#want(settings ?? { address: "https://vault" }, ref ?? { path: "db" }, next, share)],
      outputs: [],
      warnings: [],
    };
    const own = new Sessions(this.time);
    return fetchSecrets(plan, {
      mostBytes: 16 * 1024 ** 2,
      stores: { load: async () => this.#store(), shutdown: async () => undefined },
      lookups: createLookups(undefined, this.time),
      cache: this.cache,
      clock: this.time,
      sessionsFor: (proved) => (proved ? this.sessions : own),
      identity,
      mountedAt: undefined,
      boundsOf: ({ bounds }) => boundsOf({ refresh: 120_000, minRefresh: 0, maxStale: 86_400_000 }, bounds),
      keyOf: this.#keys.forWho(whoOf(identity)),
      context: { signal: new AbortController().signal, count: () => undefined },
    });
  }

  #want(settings: unknown, ref: unknown, next: NextSources | undefined, share: "pod" | undefined): Wanted {
    const text = JSON.stringify([settings, ref, next, share]);
    const source = { store: "vault", settings, ref, ...(share === undefined ? {} : { share }) } as const;
    const wanted = this.#wanted.get(text) ?? {
      id: "one",
      subject: "the secret",
      source,
      ...(next === undefined ? {} : { next }),
    };
    this.#wanted.set(text, wanted);
    return wanted;
  }

  #store(): Store {
    return {
      kind: "vault",
      settings: () => z.unknown(),
      ref: z.unknown(),
      search: { query: z.unknown(), prefixOf: () => "", refOf: (_, name) => ({ path: name }) },
      nameOf: () => "db",
      isLocal: () => false,
      endpoint: (settings) => JSON.stringify(settings),
      place: (settings) => JSON.stringify(settings),
      audience: () => undefined,
      scope: () => "serviceAccount",
      effect: () => "read",
      proof: () => this.proof,
      needs: () => [],
      open: async ({ identity }) => {
        this.logins += 1;
        return {
          read: async (ref) => {
            this.reads += 1;
            const outcome = await this.reading(identity, ref);
            if (!outcome.ok) throw outcome.error;
            return outcome.secret;
          },
          close: async () => undefined,
        };
      },
      shutdown: async () => undefined,
    };
  }
}

/** All that an answer of the store can depend on, in words. */
function whose(identity: Identity, ref: unknown): Uint8Array {
  const { namespace, serviceAccount, serviceAccountUid, credentials, proved } = identity;
  const said = [namespace, serviceAccount, serviceAccountUid, [...(credentials?.reveal() ?? [])], proved, ref];
  return Buffer.from(JSON.stringify(said));
}

/** A reading that always fails. */
export function refuses(id: "LK0030" | "LK0032" | "LK0033" | "LK0034"): Reading {
  return () => ({ ok: false, error: new ProviderError(id, "says the store") });
}

/** The result of a fetch: the value's text, or the error's id. */
export function outcomeOf({ secrets, failures }: Fetched): string {
  const value = secrets.get("one")?.value.reveal();
  return value === undefined ? (failures[0]?.id ?? "nothing") : Buffer.from(value).toString();
}
