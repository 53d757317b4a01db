import type { Clock } from "../async/clock.ts";

/** A time that ends with `undefined`, and how to give it up. */
export interface Over {
  readonly over: Promise<undefined>;
  readonly cancel: () => void;
}

/** Starts a time of so many milliseconds. */
export function overAfter(clock: Clock, ms: number): Over {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { over: promise, cancel: clock.after(ms, () => resolve(undefined)) };
}
