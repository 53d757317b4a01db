import { errorName, stackFrames } from "../errors.ts";
import type { Logger } from "../log.ts";

/** A guard that is in place. */
export interface ProcessGuard {
  /** How many errors were survived so far. */
  readonly survived: number;
  release(): void;
}

const window = 10 * 60_000;
const most = 3;

/**
 * Keeps the process alive when an error escapes everything: it is logged by kind and stack frames only (a message could
 * quote a secret) and counted. The third within ten minutes calls `giveUp`, which should drain and exit: a process that
 * keeps failing serves better anew.
 */
export function guardProcess(log: Logger, giveUp: () => void, now: () => number = Date.now): ProcessGuard {
  let times: number[] = [];
  let total = 0;
  const survive = (thrown: unknown) => {
    total += 1;
    times = [...times.filter((time) => now() - time < window), now()];
    log.error(
      { error: errorName(thrown), stack: stackFrames(thrown), uncaughtErrors: total },
      "uncaught error survived",
    );
    if (times.length === most) giveUp();
  };
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
  return {
    get survived() {
      return total;
    },
    release() {
      process.off("uncaughtException", survive);
      process.off("unhandledRejection", survive);
    },
  };
}
