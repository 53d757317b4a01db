/** Tells when the process is asked to stop. */
export interface Stop {
  /** Settles once, with the exit code: 0 for a signal. */
  readonly asked: Promise<number>;
  /** Asks from within. */
  now(exitCode: number): void;
  /** Lets signals act as they do by default again. */
  forget(): void;
}

/**
 * Signals that ask for a stop. Each would end the process without a drain by default; SIGHUP comes from a terminal or a
 * supervisor that goes away, and asks for nothing to be read again: changed files are read without it.
 */
const stopping = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"] as const;

/**
 * Signals that ask for nothing here, and would end the process by default. On SIGUSR1 Node starts its inspector
 * (https://nodejs.org/api/process.html#signal-events); a listener takes its place. --disable-sigusr1, which the image gives,
 * does the same before this line is reached.
 */
const ignored = ["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGIO", "SIGPWR"] as const;

/** Listens for signals; one that comes while stopping is ignored, for the drain is bounded anyway. */
export function untilStopped(): Stop {
  const { promise, resolve } = Promise.withResolvers<number>();
  const stop = () => resolve(0);
  const pass = () => undefined;
  for (const signal of stopping) process.on(signal, stop);
  for (const signal of ignored) process.on(signal, pass);
  return {
    asked: promise,
    now: resolve,
    forget: () => {
      for (const signal of stopping) process.off(signal, stop);
      for (const signal of ignored) process.off(signal, pass);
    },
  };
}
