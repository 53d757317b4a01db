/** Tells when the process is asked to stop. */
export interface Stop {
  /** Settles once, with the exit code: 0 for a signal. */
  readonly asked: Promise<number>;
  /** Asks from within. */
  now(exitCode: number): void;
  /** Lets signals act as they do by default again. */
  forget(): void;
}

/** Listens for SIGTERM and SIGINT; the signal that comes while stopping is ignored, for the drain is bounded anyway. */
export function untilStopped(): Stop {
  const { promise, resolve } = Promise.withResolvers<number>();
  const signalled = () => resolve(0);
  // Node starts its inspector on SIGUSR1 (https://nodejs.org/api/process.html#signal-events); a listener takes its place.
  // --disable-sigusr1, which the image gives, does the same before this line is reached.
  const ignored = () => undefined;
  process.on("SIGTERM", signalled);
  process.on("SIGINT", signalled);
  process.on("SIGUSR1", ignored);
  return {
    asked: promise,
    now: resolve,
    forget: () => {
      process.off("SIGTERM", signalled);
      process.off("SIGINT", signalled);
      process.off("SIGUSR1", ignored);
    },
  };
}
