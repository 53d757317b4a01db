import type { ApiAnswer } from "./api-answer.ts";

/** A field that the API finds invalid, and its word for why (`FieldValueRequired`), where it has one. */
export interface FieldFault {
  readonly field: string;
  readonly reason: string;
}

/** The outcome of a server-side apply; objects are metadata alone, so that no value travels back. */
export type Applied =
  | { readonly kind: "applied"; readonly object: unknown }
  /** Another version is there than the object named, or something where it said that nothing is. */
  | { readonly kind: "stale" }
  /** Fields belong to other field managers, by the names that those gave themselves. */
  | { readonly kind: "conflict"; readonly managers: readonly string[] }
  /** The API finds these fields invalid. */
  | { readonly kind: "rejected"; readonly faults: readonly FieldFault[] };

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
