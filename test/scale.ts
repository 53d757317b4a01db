/**
 * The share of generated cases that a run tries, all of them (1) in CI and with `npm run test:full`, a twentieth at the
 * desk. `LATCHKEY_TEST_SCALE` says another share; above 1 it looks further. Every test runs at any share.
 */
const scale = shareOf(process.env);

/** Returns how many of `full` cases to try; never fewer than `least`, with which a test still means something. */
export function scaled(full: number, least = 20): number {
  return Math.max(Math.min(least, full), Math.ceil(full * scale));
}

function shareOf({ LATCHKEY_TEST_SCALE: said = "", CI: ci = "" }: NodeJS.ProcessEnv): number {
  if (said === "") return ci === "" || ci === "false" ? 0.05 : 1;
  const share = said === "full" ? 1 : Number(said);
  if (share >= 0) return share;
  throw new Error(`LATCHKEY_TEST_SCALE=${said}: write a number such as 0.5, or full`);
}
