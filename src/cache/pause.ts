import type { Clock } from "../async/clock.ts";

/** An answer takes a while too: a pause ends so long before the time is over, in milliseconds. */
const answerTime = 1_000;

/** How long somebody waits. */
export interface Patience {
  /** By `Clock.now`: an answer that comes later is of no use. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/** Waits; false, at once, if too little time would be left, and if the signal aborts first. */
export async function pause(clock: Clock, ms: number, { until, signal }: Patience): Promise<boolean> {
  if (signal.aborted || clock.now() + ms + answerTime > until) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const cancel = clock.after(ms, () => resolve(true));
  const leave = () => resolve(false);
  signal.addEventListener("abort", leave, { once: true });
  return await promise.finally(() => {
    cancel();
    signal.removeEventListener("abort", leave);
  });
}
