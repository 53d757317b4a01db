import type { KubernetesSecret } from "../dialects/plan.ts";
import { combineErrors, ProviderError } from "../errors.ts";

/** Writes Kubernetes Secrets of what mounts make. */
export interface SecretSync {
  /** Throws one `LK0050` for everything that the operator does not let pods of this namespace have written. */
  check(secrets: readonly KubernetesSecret[], namespace: string): void;
}

/** Where the operator has not switched it on, a SecretProviderClass that asks for Secrets is refused: passing over it would leave pods waiting for them. */
export const syncOff: SecretSync = {
  check(secrets) {
    const refused = secrets.map(
      ({ subject }) =>
        new ProviderError("LK0050", "no Kubernetes Secrets are written on this node", {
          subject,
          fix: "have the operator allow it, or remove kubernetesSecrets",
        }),
    );
    const [first, ...rest] = refused;
    if (first !== undefined) throw combineErrors([first, ...rest]);
  },
};
