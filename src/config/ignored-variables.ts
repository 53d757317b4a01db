import type { DialectName } from "./dialect-names.ts";

/** A variable that today's providers obey and Latchkey does not. */
export interface IgnoredVariable {
  readonly variable: string;
  readonly reason: string;
}

/** The reason for ignoring each variable, and what does its job here; by its name after `VAULT_` or `BAO_`. */
export const ignoredVariables: ReadonlyMap<string, string> = new Map([
  [
    "TOKEN",
    "every pod logs in as itself; one token for all would let each of them read what any other may, so it is not used",
  ],
  [
    "CLIENT_TIMEOUT",
    "--mount-timeout and the caller's deadline bound a mount, --stale-after what is waited for with a value at hand",
  ],
  [
    "MAX_RETRIES",
    "what is safe to send again is tried again within the mount's time and a budget for all, nothing else is",
  ],
  ["WRAP_TTL", "a wrapped answer would hold no secret for the pod's file"],
  ["MFA", "a pod has nobody to answer for it"],
]);

const awsRetries = "what failed to reach AWS is tried again within the mount's time and a budget for all";

/** Variables of AWS's SDKs that the AWS provider obeys and Latchkey does not. */
export const ignoredAwsVariables: ReadonlyMap<string, string> = new Map([
  ["AWS_MAX_ATTEMPTS", awsRetries],
  ["AWS_RETRY_MODE", awsRetries],
]);

/** Those that are set and would have counted for a served dialect. */
export function findIgnored(
  env: Readonly<Record<string, string | undefined>>,
  served: readonly DialectName[],
): readonly IgnoredVariable[] {
  const prefixes = [
    ...(served.includes("openbao") ? ["BAO_"] : []),
    ...(served.includes("vault") || served.includes("openbao") ? ["VAULT_"] : []),
  ];
  const ofServers = prefixes.flatMap((prefix) =>
    [...ignoredVariables].map(([end, reason]) => ({ variable: `${prefix}${end}`, reason })),
  );
  const ofAws = [...ignoredAwsVariables].map(([variable, reason]) => ({ variable, reason }));
  const all = [...ofServers, ...(served.includes("aws") ? ofAws : [])];
  return all.filter(({ variable }) => (env[variable] ?? "") !== "");
}
