import type { ZodType } from "zod";
import * as z from "zod";
import { nearest } from "../nearest.ts";
import { namedAll, quoted } from "../plan/problems.ts";

/** More unknown fields than anybody reads: of one value so many are told. */
const mostUnknown = 1_001;

/** One mismatch between a value and a schema: where in the value, what is wrong, what to do. */
export interface ShapeProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string | undefined;
}

/** Returns the fix for an unknown field. */
type FixFor = (word: string, known: readonly string[]) => string | undefined;

/**
 * Reads a value by a store's schema. Gives the parsed value, or what is wrong with it: one problem for each unknown
 * field, with the nearest of the known ones (`alsoKnown` are those beside the schema's). No message quotes a value.
 */
export function readShape<T>(
  schema: ZodType<T>,
  value: unknown,
  alsoKnown: readonly string[] = [],
  fixFor: FixFor = fixForUnknown,
): { readonly value: T } | { readonly problems: readonly ShapeProblem[] } {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { value: result.data };
  const known = [...alsoKnown, ...fieldNames(schema)];
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, known, fixFor)) };
}

/** The names of an object schema's fields, also behind a transformation; none where it is no object. */
function fieldNames(schema: ZodType): readonly string[] {
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? fieldNames(schema.in) : [];
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function problemsOf(issue: z.core.$ZodIssue, known: readonly string[], fixFor: FixFor): readonly ShapeProblem[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, mostUnknown).map((key) => ({
      path: [...path, key],
      message: `unknown field ${quoted(key)}`,
      fix: path.length === 0 ? fixFor(key, known) : fixForUnknown(key, []),
    }));
  }
  return [{ path, ...(issue.code === "invalid_type" ? wrongType(issue) : told(issue)) }];
}

/** A schema's own check can say what to do, in `params.fix`. */
function told(issue: z.core.$ZodIssue) {
  const fix: unknown = issue.code === "custom" ? issue.params?.fix : undefined;
  return { message: issue.message, fix: typeof fix === "string" ? fix : undefined };
}

/** The library's words would be "expected string, received undefined". */
function wrongType({ expected, input, message }: z.core.$ZodIssueInvalidType) {
  if (input === undefined) return { message: "is missing", fix: undefined };
  if (expected !== "string") return { message, fix: undefined };
  const fix = typeof input === "number" || typeof input === "boolean" ? "put it in quotes" : undefined;
  return { message: "must be text", fix };
}

/** Returns the fix for an unknown word: take the nearest one, or choose from all. */
export function fixForUnknown(word: string, known: readonly string[]): string | undefined {
  const close = nearest(word, known);
  if (close !== undefined) return `did you mean ${quoted(close)}?`;
  return known.length === 0 ? undefined : `write one of ${namedAll(known)}`;
}
