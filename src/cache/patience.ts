import type { ProviderError } from "../errors.ts";

/** As many as the clients of Vault and AWS make, the first one included. */
const mostTries = 3;

/** Without a word from the store, in milliseconds: twice as long after each try, and up to as much again at random. */
const firstWait = 500;

/** So much of what the store asked for is added at random: callers that were turned away together come back apart. */
const spreadShare = 0.25;

/** A call that has failed, or could not go out. */
export interface FailedCall {
  readonly error: ProviderError;
  /** How often it has gone out; a call that met a pause of its login has not. */
  readonly sent: number;
  readonly repeatable: boolean;
  /** Somebody waits for it who has nothing else to serve and nobody else to ask. */
  readonly patient: boolean;
  /** How long the store wants to be left alone by its login, in milliseconds. */
  readonly pause: number;
  readonly random: () => number;
}

/**
 * How long to wait before the call is made again, in milliseconds; undefined if it is not made again. If nobody answered, it
 * is made once more, at once: its connection may have been an old one. Whoever is patient asks a store that answered, but could
 * not serve the call now, three times in all.
 */
export function waitBeforeNext(call: FailedCall): number | undefined {
  const { error, sent, patient } = call;
  if (sent >= mostTries || !mayGoAgain(call)) return undefined;
  if (patient && isAnswerThatPasses(error)) return waitFor(call);
  return error.reason === "outage" && error.details.retryAfterMs === undefined && sent < 2 ? 0 : undefined;
}

function isAnswerThatPasses({ reason, details }: ProviderError): boolean {
  if (reason === "throttled" || details.passing === true) return true;
  if (details.unwelcome === true) return false;
  return reason === "outage" && (details.reached === true || details.retryAfterMs !== undefined);
}

/** How long to wait for a retry that the budget has in `ms` at the soonest; many wait, so they come apart. */
export function waitForBudget(ms: number, random: () => number): number {
  return Math.max(ms, firstWait) * (1 + random());
}

/** Of what may arrive once only: as long as it was the login that failed, or it was held back here. */
function mayGoAgain({ repeatable, sent, error: { details } }: FailedCall): boolean {
  return repeatable || sent === 0 || details.login === true;
}

function waitFor({ error, sent, pause, random }: FailedCall): number {
  const asked = Math.max(pause, error.details.retryAfterMs ?? 0);
  const own = sent === 0 ? 0 : firstWait * 2 ** (sent - 1);
  return Math.max(asked * (1 + random() * spreadShare), own * (1 + random()));
}
