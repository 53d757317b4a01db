import type { Loaded } from "../../../src/cache/freshness.ts";
import { type ErrorDetails, type ErrorId, ProviderError } from "../../../src/errors.ts";
import type { VirtualTime } from "../virtual-time.ts";
import { life, type Mood, type Mount, type Nature, slowness, type Verdict } from "./steps.ts";

/** One answer that the store gave, and to whom. Times of the clock; `order` counts all that the store did. */
export interface Given {
  readonly identity: number;
  readonly nature: Nature;
  readonly pod: number;
  readonly proved: boolean;
  readonly readAt: number;
  readonly readWall: number;
  readonly order: number;
  readonly expiresAt: number;
}

/** Something after which what was read earlier must not be served: a denial, a deletion, a drop. */
export interface Withdrawal {
  readonly identity: number;
  /** Of all secrets of the identity where absent. */
  readonly nature?: Nature;
  /** The one pod that is refused what is issued. */
  readonly pod?: number;
  readonly order: number;
  readonly at: number;
}

/** Whose a secret is. */
export type Owner = Pick<Mount, "identity" | "nature" | "pod">;

/** The truth: what each identity may read, what it was given, and what was taken from it. */
export class ModelStore {
  readonly #time: VirtualTime;
  readonly given = new Map<string, Given>();
  readonly withdrawals: Withdrawal[] = [];
  /** Loads under way, by whom they concern. */
  readonly running = new Map<string, number>();
  readonly violations: string[] = [];
  mood: Mood = "up";
  /** The process that runs: what the store says to an earlier one nobody hears. */
  process = 0;
  /** The last time that anything kept an answer back. */
  troubleAt = Number.NEGATIVE_INFINITY;
  /** The last time that it answered without any trouble. */
  answeredAt = Number.NEGATIVE_INFINITY;
  readonly verdicts = new Map<string, Verdict>();
  readonly versions = new Map<string, number>();
  readonly deniedLogins = new Set<number>();
  readonly throttled = new Set<number>();
  #order = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  next(): number {
    this.#order += 1;
    return this.#order;
  }

  /** From now on what was read before must not be served: one secret, or all of the identity. */
  withdraw(identity: number, owner?: Owner): void {
    const what = { identity, order: this.next(), at: this.#time.now() };
    const { nature, pod } = owner ?? {};
    const narrowed =
      nature === undefined || pod === undefined ? {} : { nature, ...(nature === "issued" ? { pod } : {}) };
    this.withdrawals.push({ ...what, ...narrowed });
  }

  /** How often everything of the identity was withdrawn: whoever asks after that does not get what was on its way before. */
  drops(identity: number): number {
    return this.withdrawals.filter((one) => one.identity === identity && one.nature === undefined).length;
  }

  /** Runs the load of a mount that asked after so many drops. It can come later, and again, after a pause. */
  async load(mount: Mount, drops: number, signal: AbortSignal): Promise<Loaded<string>> {
    const { identity, nature, pod, proved } = mount;
    const { process } = this;
    const flight = proved
      ? `${process} ${drops} ${identity} ${nature} ${nature === "issued" ? pod : ""}`
      : `alone ${this.next()}`;
    const underway = (this.running.get(flight) ?? 0) + 1;
    this.running.set(flight, underway);
    if (underway > 1) this.violations.push(`${underway} flights of ${flight}`);
    try {
      return await this.#answer(mount, signal);
    } finally {
      if (underway === 1) this.running.delete(flight);
      else this.running.set(flight, underway - 1);
    }
  }

  async #answer(mount: Mount, signal: AbortSignal): Promise<Loaded<string>> {
    if (this.mood !== "up" || this.throttled.has(mount.identity)) this.troubleAt = this.#time.now();
    else this.answeredAt = this.#time.now();
    if (this.mood === "refusing") throw says("LK0030");
    if (this.mood === "sealed") throw says("LK0041");
    if (this.mood === "broken") throw says("LK0036", { passing: true });
    if (this.mood === "busy") throw says("LK0030", { passing: true, retryAfterMs: 2_000 });
    if (this.mood === "hanging") await this.#wait(Number.POSITIVE_INFINITY, signal);
    const answer = this.#read(mount);
    if (this.mood === "slow") await this.#wait(slowness, signal);
    return answer();
  }

  /** Reads now, and gives the answer when it is called for. */
  #read(mount: Mount): () => Loaded<string> {
    const { identity, nature } = mount;
    const about = `${identity}/${nature}`;
    if (this.throttled.has(identity)) return fail("LK0031");
    if (this.deniedLogins.has(identity)) return this.#refuse("LK0032", mount);
    const verdict = this.verdicts.get(about) ?? "given";
    if (verdict !== "given") return this.#refuse(verdict === "denied" ? "LK0033" : "LK0034", mount);
    const order = this.next();
    const value = `${about}/v${this.versions.get(about) ?? 1}#${order}`;
    const lasts = nature === "static" || nature === "immutable" ? undefined : life[nature];
    const [readAt, readWall] = [this.#time.now(), this.#time.wall()];
    this.given.set(value, {
      ...mount,
      readAt,
      readWall,
      order,
      expiresAt: readAt + (lasts ?? Number.POSITIVE_INFINITY),
    });
    const end = lasts === undefined ? {} : { expiresAt: readWall + lasts };
    return () => ({ value, bytes: 100, immutable: nature === "immutable", issued: nature === "issued", ...end });
  }

  /** Counts from when it is heard, by a process that lives, of an identity that is proved. */
  #refuse(id: ErrorId, mount: Mount): () => never {
    const { process } = this;
    return () => {
      const heard = mount.proved && process === this.process;
      if (heard) this.withdraw(mount.identity, id === "LK0032" ? undefined : mount);
      throw says(id);
    };
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = Number.isFinite(ms) ? this.#time.after(ms, resolve) : () => undefined;
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}

function says(id: ErrorId, details: ErrorDetails = {}): ProviderError {
  return new ProviderError(id, "says the store", details);
}

function fail(id: ErrorId): () => never {
  return () => {
    throw says(id);
  };
}
