import { type ProviderError, stackFrames } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Offer } from "./offer.ts";
import type { SyncResult } from "./secret-sync.ts";

/** Whose Secret, and what was wrong. */
export interface About {
  readonly offer: Omit<Offer, "secrets">;
  readonly name: string;
  readonly error?: ProviderError;
}

/** One line about one Secret, without values: at `info` what was written, at `warn` what could not be. */
export function logResult(log: Logger, result: SyncResult, { offer, name, error }: About): void {
  const { namespace, serviceAccount } = offer.identity;
  const fields = { namespace, serviceAccount, secretProviderClass: offer.secretProviderClass, secret: name, result };
  if (error === undefined && result !== "dropped") {
    log[result === "written" ? "info" : "debug"](fields, "kubernetes secret");
    return;
  }
  const stack = error?.id === "LK0001" ? { stack: stackFrames(error.cause) } : {};
  log.warn({ ...fields, ...(error === undefined ? {} : { error: error.describe() }), ...stack }, "kubernetes secret");
}
