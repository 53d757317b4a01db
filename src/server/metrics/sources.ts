import type { CacheFigures } from "../../cache/contract.ts";
import type { KeysState } from "../../kubernetes/token-keys.ts";

/** The figures that are read on request, instead of being reported as they change. */
export interface MetricsSources {
  readonly cache: () => CacheFigures;
  /** Logins that are held. */
  readonly sessions: () => number;
  /** How well the cluster's token keys are known. */
  readonly tokenKeys: () => KeysState;
  /** Errors that the process has survived. */
  readonly uncaughtErrors: () => number;
}
