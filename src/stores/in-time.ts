import { untilAborted } from "../async/until-aborted.ts";
import { ProviderError } from "../errors.ts";

/**
 * The result of `start`, or `LK0030` as soon as `signal` ends the waiting; for work that cannot be stopped itself.
 * Nothing is started once the signal is over.
 */
export async function inTime<T>(start: () => Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  const late = () =>
    new ProviderError("LK0030", `${what} did not answer in time (TIMEOUT)`, {
      storeCode: "TIMEOUT",
      fix: "check that the store runs and that this node may reach it",
    });
  if (signal.aborted) throw late();
  return await untilAborted(start(), signal, late);
}
