import type { CacheFigures } from "../../cache/contract.ts";
import type { KeysState } from "../../kubernetes/token-keys.ts";

/** What is not told as it happens but read when somebody asks. */
export interface MetricsSources {
  readonly cache: () => CacheFigures;
  /** Logins that are held. */
  readonly sessions: () => number;
  /** How well the cluster's token keys are known. */
  readonly tokenKeys: () => KeysState;
  /** Errors that the process has survived. */
  readonly uncaughtErrors: () => number;
}
