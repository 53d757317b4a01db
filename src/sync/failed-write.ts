import type { ProviderError } from "../errors.ts";

/** Answers of an API that has too much to do, is not there, or does not accept the token: everything waits. Others are about one Secret. */
const busy = new Set(["401", "429", "502", "503", "504"]);

/** Most tries after failures that may pass by themselves: about a minute together. Then the Secret counts as refused. */
const mostPassingTries = 6;

/** Judges a failed write of one Secret, after so many tries: it is refused, it waits, or all Secrets wait. */
export function meaningOf({ id, reason, details }: ProviderError, tries: number): "refused" | "waits" | "allWait" {
  const { storeCode, retryAfterMs } = details;
  if (reason === "outage" || reason === "throttled") {
    return storeCode === undefined || busy.has(storeCode) ? "allWait" : "waits";
  }
  const passes = retryAfterMs !== undefined && tries < mostPassingTries;
  // What the API refuses by its rights may be granted in a moment; everything else was judged.
  return passes || id === "LK0013" ? "waits" : "refused";
}
