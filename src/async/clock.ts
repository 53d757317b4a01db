/** Time as the cache sees it; passed in, so that tests can let days pass. */
export interface Clock {
  /** Milliseconds since the machine started: never steps, and is the same for every process of one boot. */
  now(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Calls `run` after so many milliseconds; the result takes it back. Keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Node fires timers beyond this at once (https://nodejs.org/api/timers.html). */
const longestTimer = 2 ** 31 - 1;

/** The machine's own clocks. */
export const systemClock: Clock = {
  // On Linux hrtime is CLOCK_MONOTONIC, which counts from boot (clock_gettime(2)).
  now: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), longestTimer)).unref();
    return () => clearTimeout(timer);
  },
};
