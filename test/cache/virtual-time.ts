import type { Clock } from "../../src/async/clock.ts";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until a test lets time pass. */
export class VirtualTime implements Clock {
  #now = 1_000_000;
  #wall = Date.UTC(2026, 0, 1);
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers wait: none when nothing is under way. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass: timers run in their order, and promises settle before, between and after them. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#pass(next.at - this.#now);
      next.run();
      await settle();
    }
    this.#pass(end - this.#now);
  }

  /** Somebody sets the machine's clock: no time passes. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  #pass(ms: number): void {
    this.#now += ms;
    this.#wall += ms;
  }

  #next(end: number): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (first, timer) => (timer.at <= end && (first === undefined || timer.at < first.at) ? timer : first),
      undefined,
    );
  }
}

/** Lets every promise settle that waits for nothing but others. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
