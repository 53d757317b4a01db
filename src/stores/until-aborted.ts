import { ProviderError } from "../errors.ts";
import { untilAborted as settleOrAbort } from "../until-aborted.ts";

/**
 * The result of `start`, or `LK0030` as soon as `signal` ends the waiting; for work that cannot be stopped itself.
 * Nothing is started once the signal is over.
 */
export async function untilAborted<T>(start: () => Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  const late = () =>
    new ProviderError("LK0030", `${what} did not answer in time (TIMEOUT)`, {
      storeCode: "TIMEOUT",
      fix: "check that the store runs and that this node may reach it",
    });
  if (signal.aborted) throw late();
  return await settleOrAbort(start(), signal, late);
}
