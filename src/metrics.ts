import type { Reason } from "./errors.ts";

/** One mount, when it has ended. */
export interface EndedMount {
  readonly dialect: string;
  /** Undefined where it succeeded. */
  readonly error: { readonly id: string; readonly reason: Reason } | undefined;
  readonly ms: number;
  /** The files that it delivered, and their bytes; 0 if it failed. */
  readonly files: number;
  readonly bytes: number;
  /** Undefined where the request could not be read. */
  readonly namespace: string | undefined;
  /** The volume has files of an earlier mount: a failure is seen by nobody else, for the driver keeps those. */
  readonly remount: boolean;
  /** A service account token came with the request. */
  readonly token: boolean;
  /** Undefined if it did not come to that. */
  readonly proved: boolean | undefined;
  /** Why tokens that came prove nobody, a word of a small fixed set; undefined if they do, or if none came. */
  readonly unproved: string | undefined;
}

/** One login, read, renewal or revocation, when it has ended, however many requests it took. */
export interface EndedCall {
  readonly store: string;
  readonly operation: string;
  readonly result: "ok" | Reason;
  readonly ms: number;
}

/** One request that has gone out to a store. */
interface SentRequest {
  readonly store: string;
  readonly operation: string;
}

/**
 * Everything that rooms tell as it happens. No text here may come from a secret, a ref or an address; only `namespace` is
 * not from a small fixed set.
 */
export interface Happenings {
  readonly mountEnded: EndedMount;
  readonly callEnded: EndedCall;
  readonly requestSent: SentRequest;
  /** A try to write one Kubernetes Secret has ended. */
  readonly secretSynced: { readonly result: string };
  /** Something that was issued was renewed, replaced, revoked, refused a renewal, or lost. */
  readonly leaseChanged: { readonly store: string; readonly event: string };
  /** A new credential was tried at its target. */
  readonly credentialTried: { readonly verdict: string; readonly fate: string | undefined };
  /** The audit line of a mount could not be written. */
  readonly auditFailed: undefined;
}

/** How often the cache was asked since the start, by what came of it, and how old its answers were of late. */
export interface LookupFigures {
  /** Answered without asking the store. */
  readonly hit: number;
  /** Nothing to serve: the store is asked. */
  readonly miss: number;
  /** Something to serve, but no longer fresh: the store is asked, where it can be. */
  readonly refresh: number;
  /** Answered with what is no longer fresh. */
  readonly stale: number;
  /** By an identity that is not proved: the store is asked. */
  readonly unshared: number;
  /** The greatest age of an answer from memory in the last two and a half to five minutes, in milliseconds. */
  readonly oldestMs: { readonly cached: number; readonly stale: number };
}

/** The figures of the cache: what it holds and does. */
export interface CacheFigures {
  readonly entries: number;
  readonly bytes: number;
  readonly mostBytes: number;
  /** Entries that were pushed out since the start. */
  readonly evicted: number;
  /** Entries whose newer value is held back, because its target refuses it. */
  readonly pending: number;
  /** One for each endpoint that somebody wanted to ask in the last ten minutes. */
  readonly breakers: readonly { readonly store: string; readonly state: "closed" | "slow" | "open" }[];
  readonly lookups: LookupFigures;
}

/** Everything that rooms count for themselves, read when somebody asks. */
export interface Figures {
  readonly cache: CacheFigures;
  /** Logins held. */
  readonly sessions: number;
  /** Issued answers that are kept up. */
  readonly leases: number;
  /** How well the cluster's token keys are known. */
  readonly tokenKeys: { readonly isKnown: boolean; readonly ageMs: number };
  /** Errors that the process has survived. */
  readonly uncaughtErrors: number;
}

type Listeners = { readonly [K in keyof Happenings]: ((happening: Happenings[K]) => void)[] };
type Readers = { [K in keyof Figures]?: () => Figures[K] };

/**
 * The one way from the rooms to whoever counts: rooms tell what happens and offer figures, and know nobody who listens.
 * Where nobody does, nothing is counted.
 */
export class Metrics {
  readonly #listeners: Listeners = {
    mountEnded: [],
    callEnded: [],
    requestSent: [],
    secretSynced: [],
    leaseChanged: [],
    credentialTried: [],
    auditFailed: [],
  };
  readonly #readers: Readers = {};

  /** Tells every listener. Nothing is waited for. */
  tell<K extends keyof Happenings>(name: K, happening: Happenings[K]): void {
    for (const listener of this.#listeners[name]) listener(happening);
  }

  /** Has `listener` told from now on. */
  listen<K extends keyof Happenings>(name: K, listener: (happening: Happenings[K]) => void): void {
    this.#listeners[name].push(listener);
  }

  /** Says how a figure is read; the last one to offer it counts. */
  offer<K extends keyof Figures>(name: K, read: () => Figures[K]): void {
    this.#readers[name] = read as Readers[K];
  }

  /** Reads a figure; undefined where no room offers it. */
  read<K extends keyof Figures>(name: K): Figures[K] | undefined {
    return this.#readers[name]?.();
  }
}
