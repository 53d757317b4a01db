import { ProviderError } from "../../../src/errors.ts";
import type { HeldLease, Issued, LeaseEvent } from "../../../src/fetch/leases/held-lease.ts";
import type { LeasedAt } from "../../../src/fetch/leases/leased-login.ts";
import { Leases } from "../../../src/fetch/leases/leases.ts";
import { LivingPods } from "../../../src/fetch/leases/living-pods.ts";
import { Metrics } from "../../../src/metrics.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { Lease, RenewedLease } from "../../../src/stores/lease.ts";
import type { Secret, Session } from "../../../src/stores/store.ts";
import { seeded, VirtualTime } from "../../cache/virtual-time.ts";

/** How a played store gives leases, in milliseconds. */
export interface LeaseRules {
  /** The life that each renewal gives. */
  readonly life: number;
  /** From its issue, no lease lasts longer. */
  readonly longest: number;
  /** The same of logins; without an end if absent. */
  readonly login?: { readonly life: number; readonly longest: number };
  readonly renewable?: boolean;
}

/** The time of a lease that an entry of the cache has. */
interface Kept {
  freshUntil: number;
  expiresAt: number;
}

/** Leases in virtual time, before a store that keeps its own books: what it ended, it ended. */
export class LeaseFixture {
  readonly time = new VirtualTime();
  readonly metrics = new Metrics();
  readonly events: string[] = [];
  readonly kept = new Map<string, Kept>();
  /** Errors of the next renewals. */
  readonly failures: ProviderError[] = [];
  readonly revoked: string[] = [];
  readonly there = new Map<string, boolean>();
  renewals = 0;
  changes = 0;
  readonly leases: Leases;
  #sessions = 0;

  constructor(leastSilence = 600_000) {
    this.leases = new Leases({
      ...{ clock: this.time, random: seeded(7), metrics: this.metrics },
      living: new LivingPods(leastSilence),
      podIsThere: async ({ uid }) => this.there.get(uid),
      report: (event, held) => this.#note(event, held),
      changed: () => {
        this.changes += 1;
      },
      cache: {
        prolong: async (key, _, life) => {
          if (!this.kept.has(key)) return false;
          this.kept.set(key, life);
          return true;
        },
        forget: async (key) => void this.kept.delete(key),
        call: async (_, { signal, run }) => await run(signal),
      },
    });
  }

  /** A login of the store. */
  session(rules: LeaseRules): Session {
    this.#sessions += 1;
    const name = `login ${this.#sessions}`;
    const openedAt = this.time.wall();
    let expiresAt = rules.login && openedAt + rules.login.life;
    const issuedAt = new Map<string, number>();
    const { time } = this;
    return {
      get expiresAt() {
        return expiresAt;
      },
      read: () => Promise.reject(new TypeError("nobody reads here")),
      close: async () => undefined,
      renew: async () => {
        if (rules.login === undefined) return false;
        expiresAt = Math.min(time.wall() + rules.login.life, openedAt + rules.login.longest);
        return true;
      },
      renewLease: async ({ id }: Lease): Promise<RenewedLease> => {
        const error = this.failures.shift();
        if (error !== undefined) throw error;
        this.renewals += 1;
        const began = issuedAt.get(id.reveal()) ?? openedAt;
        return { expiresAt: Math.min(time.wall() + rules.life, began + rules.longest), renewable: true };
      },
      revoke: async () => void this.revoked.push(name),
      resumable: new Redacted(name),
    };
  }

  /** Has a lease issued to a pod, as a mount does; gives when the next mount asks for another. */
  issue(pod: string, rules: LeaseRules, session = this.session(rules), more: Partial<Issued> = {}): number {
    const lease = { id: new Redacted(`lease of ${pod}`), renewable: rules.renewable ?? true };
    const expiresAt = this.time.wall() + rules.life;
    const secret: Secret = { value: new Redacted(new Uint8Array()), issued: true, lease, expiresAt };
    const key = more.key ?? `shared/${pod}`;
    const issued = { key, sharedKey: "shared", pod: { name: pod, uid: pod }, at: someAt, secret, session, spread: 0 };
    const freshUntil = this.leases.hold({ ...issued, ...more }) ?? Number.POSITIVE_INFINITY;
    this.kept.set(key, { freshUntil, expiresAt: this.time.now() + rules.life });
    return freshUntil;
  }

  #note(event: LeaseEvent, { pod }: HeldLease): void {
    this.events.push(`${event} ${pod.name}`);
  }
}

/** Where the logins were made. */
export const someAt: LeasedAt = {
  about: {
    ...{ namespace: "shop", serviceAccount: "web", store: "vault", name: "database/creds/shop", ref: "r" },
    ...{ place: "https://vault", endpoint: "vault", login: "login" },
  },
  servers: ["vault"],
  settings: { address: "https://vault" },
};

/** An error of a renewal. */
export function refusal(id: "LK0030" | "LK0031" | "LK0033" | "LK0034"): ProviderError {
  return new ProviderError(id, "says the store");
}
