import { ProviderError } from "../errors.ts";

/**
 * The result of `start`, or `LK0030` as soon as `signal` ends the waiting; for work that cannot be stopped itself.
 * Nothing is started once the signal is over.
 */
export function untilAborted<T>(start: () => Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(
      new ProviderError("LK0030", `${what} gave no answer in time (TIMEOUT)`, {
        storeCode: "TIMEOUT",
        fix: "check that the store runs and that this node may reach it",
      }),
    );
  };
  if (signal.aborted) {
    abort();
    return aborted;
  }
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([start(), aborted]).finally(() => signal.removeEventListener("abort", abort));
}
