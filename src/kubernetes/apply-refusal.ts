import type { Applied, FieldFault } from "./api.ts";
import type { ApiAnswer } from "./api-answer.ts";

/** More names than these are not shown. */
const mostShown = 5;

/**
 * Returns the API's objection to an applied object; undefined if it says something else. Leaves out its messages: they
 * quote values.
 */
export function applyRefusal({ status, said }: ApiAnswer): Applied | undefined {
  const causes = said?.causes ?? [];
  if (status === 409) {
    const managers = causes.flatMap(({ reason, message }) =>
      reason === "FieldManagerConflict" ? [/^conflict with "([^"]{1,128})"/.exec(message)?.[1] ?? "unknown"] : [],
    );
    return managers.length === 0
      ? { kind: "stale" }
      : { kind: "conflict", managers: [...new Set(managers)].slice(0, mostShown) };
  }
  if (status === 413) return { kind: "rejected", faults: [{ field: "data", reason: "FieldValueTooLong" }] };
  if (status !== 400 && status !== 422) return undefined;
  const faults = causes.map(({ field, reason }) => ({ field: field.slice(0, 128), reason: reasonOf(reason) }));
  return { kind: "rejected", faults: distinct(faults).slice(0, mostShown) };
}

/** Reasons are words of the API's own (https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#CauseType). */
function reasonOf(reason: string): string {
  return /^[A-Za-z]{1,64}$/.test(reason) ? reason : "";
}

function distinct(faults: readonly FieldFault[]): readonly FieldFault[] {
  return [...new Map(faults.map((fault) => [`${fault.field} ${fault.reason}`, fault])).values()];
}
