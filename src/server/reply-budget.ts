import { ProviderError } from "../errors.ts";

/** A wish for room. */
export interface Room {
  readonly namespace: string;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly bytes: number;
  readonly start: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** A namespace that has room already gets more while it holds at most so many times what is then still free. */
const timesFree = 3;

/**
 * Bounds the bytes of replies that are being built or not yet sent, so that neither a storm nor a driver that reads slowly
 * can fill the memory. Within a namespace first come, first served. Among namespaces the one goes first that would then hold
 * least, and none takes the last of the room while it holds some: who holds nothing does not wait for one that floods. A reply
 * larger than the whole budget goes alone.
 */
export class ReplyBudget {
  readonly #most: number;
  #held = 0;
  #waitingBytes = 0;
  readonly #heldBy = new Map<string, number>();
  readonly #waiting = new Map<string, Set<Waiter>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes taken and not given back. */
  get held(): number {
    return this.#held;
  }

  /**
   * Waits for room and takes it; rejects with the signal's reason when that comes first. Whoever waits has its bytes in memory
   * already: if as much as the whole budget waits so, the namespace that waits with most gets `LK0009` for its newest. Give the
   * room back with `release`.
   */
  async take(room: Room): Promise<void> {
    room.signal.throwIfAborted();
    if (this.takeNow(room.namespace, room.bytes)) return;
    this.#makeRoomToWait(room);
    await this.#queue(room);
  }

  /** Takes if there is room and nobody of the namespace waits for it; says whether it did. */
  takeNow(namespace: string, bytes: number): boolean {
    if (this.#waiting.has(namespace) || !this.#fits(namespace, bytes)) return false;
    this.#hold(namespace, bytes);
    return true;
  }

  /** Gives bytes back and lets those start that now fit. */
  release(namespace: string, bytes: number): void {
    this.#hold(namespace, -bytes);
    this.#startWaiting();
  }

  #heldOf(namespace: string): number {
    return this.#heldBy.get(namespace) ?? 0;
  }

  #hold(namespace: string, bytes: number): void {
    const held = this.#heldOf(namespace) + bytes;
    if (held === 0) this.#heldBy.delete(namespace);
    else this.#heldBy.set(namespace, held);
    this.#held += bytes;
  }

  #fits(namespace: string, bytes: number): boolean {
    if (this.#held === 0) return true;
    const own = this.#heldOf(namespace);
    const free = this.#most - this.#held - bytes;
    return free >= 0 && (own === 0 || own + bytes <= timesFree * free);
  }

  /** Throws `LK0009` if the asker's namespace is the one that would wait with most. */
  #makeRoomToWait({ namespace, bytes }: Room): void {
    while (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#most) {
      const sums = [...this.#waiting].map(([name, waiters]) => ({ name, sum: sumOf(waiters) }));
      const own = (sums.find(({ name }) => name === namespace)?.sum ?? 0) + bytes;
      const most = sums.reduce((one, other) => (other.sum > one.sum ? other : one));
      if (most.sum <= own) throw tooMuch();
      [...(this.#waiting.get(most.name) ?? [])].at(-1)?.refuse(tooMuch());
    }
  }

  #queue({ namespace, bytes, signal }: Room): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiter.refuse(signal.reason);
        this.#startWaiting();
      };
      const waiter: Waiter = {
        bytes,
        start: () => {
          signal.removeEventListener("abort", leave);
          this.#remove(namespace, waiter);
          this.#hold(namespace, bytes);
          resolve();
        },
        refuse: (reason) => {
          signal.removeEventListener("abort", leave);
          this.#remove(namespace, waiter);
          reject(reason);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waitingBytes += bytes;
      const waiters = this.#waiting.get(namespace);
      if (waiters === undefined) this.#waiting.set(namespace, new Set([waiter]));
      else waiters.add(waiter);
    });
  }

  #remove(namespace: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(namespace);
    if (waiters?.delete(waiter) !== true) return;
    this.#waitingBytes -= waiter.bytes;
    if (waiters.size === 0) this.#waiting.delete(namespace);
  }

  #startWaiting(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.start();
  }

  /** Of the namespaces whose oldest fits, that of the one that would hold least. */
  #next(): Waiter | undefined {
    let [next, least]: [Waiter | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
    for (const [namespace, [oldest]] of this.#waiting) {
      if (oldest === undefined || !this.#fits(namespace, oldest.bytes)) continue;
      const holds = this.#heldOf(namespace) + oldest.bytes;
      if (holds < least) [next, least] = [oldest, holds];
    }
    return next;
  }
}

function sumOf(waiters: Iterable<Waiter>): number {
  let sum = 0;
  for (const { bytes } of waiters) sum += bytes;
  return sum;
}

function tooMuch(): ProviderError {
  return new ProviderError("LK0009", "too many replies are waiting to be sent", {
    fix: "none needed: the kubelet retries; if it lasts, raise --max-inflight-bytes and the memory limit",
  });
}
