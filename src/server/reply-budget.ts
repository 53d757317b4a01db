import { ProviderError } from "../errors.ts";

interface Waiter {
  readonly bytes: number;
  readonly start: () => void;
}

/**
 * Bounds the bytes of replies that are being built or not yet sent, so that neither a storm nor a driver that reads slowly
 * can fill the memory. First come, first served; a reply larger than the whole budget goes alone.
 */
export class ReplyBudget {
  readonly #most: number;
  #held = 0;
  #carried = 0;
  readonly #waiters: Waiter[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes taken and not given back. */
  get held(): number {
    return this.#held;
  }

  /**
   * Waits for room and takes it; rejects with the signal's reason when that comes first. Who `carries` its bytes already
   * gets `LK0009` where as much as the whole budget waits so. Give it back with `release`.
   */
  async take(bytes: number, signal: AbortSignal, carries = false): Promise<void> {
    signal.throwIfAborted();
    if (this.takeNow(bytes)) return;
    if (!carries) return await this.#queue(bytes, signal);
    if (this.#carried > 0 && this.#carried + bytes > this.#most) throw tooMuch();
    this.#carried += bytes;
    await this.#queue(bytes, signal).finally(() => {
      this.#carried -= bytes;
    });
  }

  /** Takes where there is room and nobody waits for it; says whether it did. */
  takeNow(bytes: number): boolean {
    if (this.#waiters.length > 0 || !this.#fits(bytes)) return false;
    this.#held += bytes;
    return true;
  }

  /** Takes without waiting what turned out to be needed beyond what was taken. */
  add(bytes: number): void {
    this.#held += bytes;
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

function tooMuch(): ProviderError {
  return new ProviderError("LK0009", "too many replies are waiting to be sent", {
    fix: "none needed: the kubelet retries; if it lasts, raise --max-inflight-bytes and the memory limit",
  });
}
