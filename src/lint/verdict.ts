import type { AddressPolicy } from "../address-policy.ts";
import type { ParameterPlace, ProviderError } from "../errors.ts";
import type { SecretSync } from "../sync/secret-sync.ts";
import type { Finding } from "./finding.ts";
import type { PlanSurroundings } from "./plan-of-class.ts";

/** The context in which parameters are judged. */
export interface JudgeSurroundings extends PlanSurroundings {
  readonly addresses: AddressPolicy;
  /**
   * Whether all is known that the operator said. Otherwise what hangs on that alone is a warning: a profile, an address that
   * the operator may have allowed, one that the operator may have set.
   */
  readonly operatorKnown: boolean;
  /** Whether the operator lets Kubernetes Secrets be written; absent where that is not known. */
  readonly checkSecrets?: SecretSync["check"];
}

/** One thing that is wrong or risky about parameters. */
export interface Verdict extends Pick<Finding, "severity" | "id" | "subject" | "message" | "fix"> {
  /** Absent: the parameters as such. */
  readonly at?: ParameterPlace | undefined;
  /** The error that a mount answers; absent where it goes on. */
  readonly refusal?: ProviderError;
  /** The operator's settings decide it, and not how the SecretProviderClass is written. */
  readonly isOperators?: true;
}
