import type { CacheFigures } from "../../cache/contract.ts";

/** What is not told as it happens but read when somebody asks. */
export interface MetricsSources {
  readonly cache: () => CacheFigures;
  /** Logins that are held. */
  readonly sessions: () => number;
  /** Errors that the process has survived. */
  readonly uncaughtErrors: () => number;
}
