import { ProviderError } from "../errors.ts";
import type { FieldFault } from "../kubernetes/apply-refusal.ts";
import { quoted } from "../plan/problems.ts";
import type { DesiredSecret } from "./desired-secret.ts";

/** The fixes for fields that the API finds invalid, by the field's name and the API's word for why. */
const cures: readonly (readonly [field: RegExp, reason: RegExp, cure: string])[] = [
  [/^type$/, /./, "delete the Secret: Kubernetes cannot change the type of a Secret"],
  [
    /^metadata\.annotations/,
    /TooLong/,
    "shorten the annotations in kubernetesSecrets: with Latchkey's own notes they may have 256 KiB",
  ],
  [/^data/, /TooLong/, "spread the values over several Secrets"],
  [/^(?:data|immutable)$/, /Forbidden|Invalid/, "delete the Secret: someone made it immutable"],
];

/** `LK0053` for a Secret whose fields the API finds invalid. */
export function invalidSecret({ namespace, name, spec }: DesiredSecret, faults: readonly FieldFault[]): ProviderError {
  const shown = faults.map(({ field, reason }) => (reason === "" ? quoted(field) : `${quoted(field)}, ${reason}`));
  const named = shown.length === 0 ? "" : ` (${shown.join("; ")})`;
  return new ProviderError("LK0053", `the Kubernetes API finds the Secret ${namespace}/${name} invalid${named}`, {
    subject: spec.subject,
    fix: cureFor(faults) ?? "see what Kubernetes allows in these fields of a Secret",
  });
}

function cureFor(faults: readonly FieldFault[]): string | undefined {
  for (const { field, reason } of faults) {
    const found = cures.find(([fields, reasons]) => fields.test(field) && reasons.test(reason));
    if (found !== undefined) return found[2];
  }
  return undefined;
}
