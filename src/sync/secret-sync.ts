import { combineErrors, ProviderError } from "../errors.ts";
import type { KubernetesSecret } from "../plan/plan.ts";
import type { Offer, Offered } from "./offer.ts";

/** The possible outcomes for one Kubernetes Secret, for counting. */
export const syncResults = ["written", "unchanged", "older", "refused", "failed", "dropped"] as const;

/** The outcome for one Kubernetes Secret. */
export type SyncResult = (typeof syncResults)[number];

/** Writes Kubernetes Secrets of what mounts make. */
export interface SecretSync {
  /** Throws one `LK0050` for everything that the operator does not let pods of this namespace have written. */
  check(secrets: readonly KubernetesSecret[], namespace: string): void;
  /** Takes what a mount made. Returns at once: what has to be written is written behind. Never throws. */
  offer(offer: Offer): Offered;
  /** Tries identities again that were not proved: there may be other keys. */
  proveAgain(): void;
  /** Gives up what waits, and ends what is under way. */
  close(): Promise<void>;
}

/** Where the operator has not switched it on, a SecretProviderClass that asks for Secrets is refused: passing over it would leave pods waiting for them. */
export const syncOff: SecretSync = {
  check(secrets) {
    const refused = secrets.map(
      ({ subject }) =>
        new ProviderError("LK0050", "no Kubernetes Secrets are written on this node", {
          subject,
          fix: "have the operator start Latchkey with --sync, or remove kubernetesSecrets",
        }),
    );
    const [first, ...rest] = refused;
    if (first !== undefined) throw combineErrors([first, ...rest]);
  },
  offer: () => ({ state: "unchanged", due: () => false }),
  proveAgain: () => undefined,
  close: async () => undefined,
};
