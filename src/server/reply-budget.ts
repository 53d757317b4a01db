interface Waiter {
  readonly bytes: number;
  readonly start: () => void;
}

/**
 * Bounds the bytes of replies that are built but not yet sent, so that a driver that reads slowly cannot fill the
 * memory. First come, first served; a reply larger than the whole budget goes alone.
 */
export class ReplyBudget {
  readonly #most: number;
  #held = 0;
  readonly #waiters: Waiter[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes taken and not given back. */
  get held(): number {
    return this.#held;
  }

  /** Waits for room and takes it; rejects with the signal's reason when that comes first. Give it back with `release`. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiters.length === 0 && this.#fits(bytes)) {
      this.#held += bytes;
      return;
    }
    await this.#queue(bytes, signal);
  }

  /** Gives bytes back and lets those start that now fit. */
  release(bytes: number): void {
    this.#held -= bytes;
    this.#startWaiting();
  }

  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.#most;
  }

  #queue(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        bytes,
        start: () => {
          signal.removeEventListener("abort", leave);
          this.#held += bytes;
          resolve();
        },
      };
      const leave = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
        this.#startWaiting();
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #startWaiting(): void {
    for (let next = this.#waiters[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiters[0]) {
      this.#waiters.shift();
      next.start();
    }
  }
}
