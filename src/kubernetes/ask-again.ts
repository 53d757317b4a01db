import type { Clock } from "../async/clock.ts";
import { waitBeforeNext } from "../cache/patience.ts";
import { pause } from "../cache/pause.ts";
import { toProviderError } from "../errors.ts";

/** How long the API is asked, and by which time. */
export interface AskPatience {
  readonly clock: Clock;
  readonly random: () => number;
  /** False if there is something else to use: then nothing that may pass is waited for. */
  readonly patient?: boolean;
  /** In milliseconds, all tries and the pauses between them together. */
  readonly longest: number;
}

/**
 * Asks the API, and again if it did not answer or has too much to do: three times in all, with pauses, as client-go does. For
 * what may be asked twice only. Throws what the last one threw.
 */
export async function askAgain<T>(ask: (signal: AbortSignal) => Promise<T>, patience: AskPatience): Promise<T> {
  const { clock, random, longest, patient = true } = patience;
  const signal = AbortSignal.timeout(longest);
  const until = clock.now() + longest;
  for (let sent = 1; ; sent += 1) {
    try {
      return await ask(signal);
    } catch (thrown) {
      const error = toProviderError(thrown);
      const wait = waitBeforeNext({ error, sent, repeatable: true, patient, pause: 0, random });
      if (wait === undefined || !(await pause(clock, wait, { until, signal }))) throw error;
    }
  }
}
