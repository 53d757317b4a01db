import type { Fate, Verified } from "../cache/verification.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Verifier } from "../verify/verifier.ts";
import { addressPolicyOf } from "./parts.ts";

/** Tries new credentials, if the operator allows it. Its process starts with the first of them. Throws `ConfigError`. */
export async function openVerifier(config: Config): Promise<Verifier | undefined> {
  if (!config.verify) return undefined;
  const { Verifier: Opened } = await import("../verify/verifier.ts");
  return new Opened({
    addresses: addressPolicyOf(config),
    timeout: config.verifyTimeout,
    atOnce: config.verifyConcurrency,
    mostBytes: config.verifyMemory,
  });
}

/** Tells the log and the metrics what became of a try. */
export function reportVerified({ about, verdict, code, fate }: Verified, log: Logger, metrics: Metrics): void {
  metrics.tell("credentialTried", { verdict, fate });
  if (fate === undefined) return;
  const { namespace, serviceAccount, store, name } = about;
  log[levels[fate]]({ namespace, serviceAccount, store, name, verdict, code }, texts[fate]);
}

const levels = { held: "warn", released: "info", overdue: "error", untried: "warn", warned: "warn" } as const;

const texts: Readonly<Record<Fate, string>> = {
  held: "new credential is refused by its target; pods keep the old one",
  released: "new credential is let in by its target now; pods get it",
  overdue: "new credential is not let in by its target, and verifyHold is over; pods get it all the same",
  untried: "new credential could not be tried; pods get it",
  warned: "credential is refused by its target, and there is no older one",
};
