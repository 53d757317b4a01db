import * as z from "zod";
import type { Clock } from "../../async/clock.ts";
import type { Keeper } from "../../cache/persistence/keeper.ts";
import { Redacted } from "../../redacted.ts";
import type { Secret, Stores } from "../../stores/store.ts";
import type { HeldLease } from "./held-lease.ts";
import type { LeaseSpan } from "./lease-times.ts";
import type { LeasedLogin } from "./leased-login.ts";
import type { Leases } from "./leases.ts";

/** Name of the record in the cache directory. */
const recordName = "leases";

/** Changes are written together, after so many milliseconds. */
const writeAfter = 500;

// Times are of the wall clock: those of the other would mean nothing after a boot.
const span = z.strictObject({
  issuedAt: z.number(),
  endsAt: z.number(),
  life: z.number(),
  mostEndsAt: z.number().optional(),
});

const keptLease = z.strictObject({
  key: z.string(),
  sharedKey: z.string(),
  pod: z.strictObject({ name: z.string(), uid: z.string() }),
  spread: z.number(),
  name: z.string(),
  span,
  lease: z.strictObject({ id: z.string(), renewable: z.boolean(), part: z.string().optional() }).optional(),
});

const about = z.strictObject({
  namespace: z.string(),
  serviceAccount: z.string(),
  store: z.string(),
  name: z.string(),
  ref: z.string(),
  place: z.string(),
  endpoint: z.string(),
  login: z.string(),
});

const keptLogin = z.strictObject({
  resumable: z.string(),
  at: z.strictObject({ about, servers: z.array(z.string()), settings: z.unknown() }),
  leases: z.array(keptLease),
});

const record = z.strictObject({ logins: z.array(keptLogin) });

/** Keeps what is held, with the logins that it hangs on, sealed in the cache directory. */
export class KeptLeases {
  readonly #keeper: Pick<Keeper<Secret>, "saveRecord" | "loadRecord">;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  constructor(keeper: Pick<Keeper<Secret>, "saveRecord" | "loadRecord">, clock: Clock) {
    this.#keeper = keeper;
    this.#clock = clock;
  }

  /** Has everything that is held written soon, once for many changes. */
  writeSoon(held: () => readonly HeldLease[]): void {
    this.#cancel ??= this.#clock.after(writeAfter, () => {
      this.#cancel = undefined;
      void this.write(held());
    });
  }

  /** Writes everything that is held. A failure is the keeper's to tell. */
  async write(held: readonly HeldLease[]): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const byLogin = Map.groupBy(held, ({ login }) => login);
    const logins = [...byLogin].flatMap(([login, leases]) => this.#loginFor(login, leases) ?? []);
    await this.#keeper.saveRecord(recordName, Buffer.from(JSON.stringify({ logins })));
  }

  /** Takes up what an earlier process held and what has not ended since. Gives how many answers these are. */
  async restore(leases: Leases, stores: Stores): Promise<number> {
    const bytes = await this.#keeper.loadRecord(recordName);
    if (bytes === undefined) return 0;
    let count = 0;
    for (const { resumable, at, leases: mine } of record.parse(JSON.parse(Buffer.from(bytes).toString())).logins) {
      const store = await stores.load(at.about.store);
      const session = await store.resume?.(at.settings, new Redacted(resumable));
      if (session === undefined) continue;
      for (const { lease, span: kept, ...rest } of mine) {
        if (kept.endsAt <= this.#clock.wall()) continue;
        const own = lease && { ...lease, id: new Redacted(lease.id) };
        const part = own === undefined ? undefined : withPart(own);
        leases.restore(
          { ...rest, lease: part, span: this.#moved(kept, this.#clock.now() - this.#clock.wall()) },
          session,
          at,
        );
        count += 1;
      }
    }
    return count;
  }

  #loginFor({ session, at }: LeasedLogin, leases: readonly HeldLease[]): z.infer<typeof keptLogin> | undefined {
    const { resumable } = session;
    if (resumable === undefined) return undefined;
    const { about: of, servers, settings } = at;
    const moved = this.#clock.wall() - this.#clock.now();
    return {
      resumable: resumable.reveal(),
      at: { about: { ...of }, servers: [...servers], settings },
      leases: leases.map(({ login: _, lease, span: held, pod, ...rest }) => ({
        ...{ ...rest, pod: { name: pod.name, uid: pod.uid }, span: this.#moved(held, moved) },
        ...(lease === undefined ? {} : { lease: { ...lease, id: lease.id.reveal() } }),
      })),
    };
  }

  /** The same times by another clock. */
  #moved({ issuedAt, endsAt, life, mostEndsAt }: LeaseSpan, by: number): LeaseSpan & z.infer<typeof span> {
    const most = mostEndsAt === undefined ? {} : { mostEndsAt: mostEndsAt + by };
    return { issuedAt: issuedAt + by, endsAt: endsAt + by, life, ...most };
  }
}

function withPart({ part, ...lease }: { id: Redacted<string>; renewable: boolean; part?: string | undefined }) {
  return part === undefined ? lease : { ...lease, part };
}
