/** Twice as long after each try, in milliseconds. */
const wait = { first: 1_000, most: 300_000 };

/**
 * How long to leave the API alone after so many tries, `most` at most, and at least as long as it asked for; spread, so that
 * nodes do not come in step.
 */
export function retryWait(
  tries: number,
  retryAfterMs: number | undefined,
  random: () => number,
  most = wait.most,
): number {
  const own = Math.min(wait.first * 2 ** Math.min(tries, 20), most);
  const asked = Math.min(retryAfterMs ?? 0, wait.most);
  return Math.max(own * (0.75 + random() / 2), asked * (1 + random() / 4));
}
