import * as z from "zod";
import type { HttpAnswer } from "../http/message.ts";
import type { Applied } from "./api.ts";

/** A Status (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/); only names are read of it. */
const refusal = z.object({
  details: z
    .object({
      causes: z
        .array(
          z.object({
            reason: z.string().default(""),
            message: z.string().default(""),
            field: z.string().default(""),
          }),
        )
        .default([]),
    })
    .default({ causes: [] }),
});

/** More names than these are not shown. */
const mostShown = 5;

/** What the API says against an apply; undefined where it says something else. Its message is left aside: it can quote values. */
export function readRefusal({ status, body }: HttpAnswer): Applied | undefined {
  if (status === 409) {
    const managers = causesOf(body).flatMap(({ reason, message }) =>
      reason === "FieldManagerConflict" ? [/^conflict with "([^"]{1,128})"/.exec(message)?.[1] ?? "unknown"] : [],
    );
    return managers.length === 0 ? { kind: "stale" } : { kind: "conflict", managers: firstOf(managers) };
  }
  if (![400, 404, 422].includes(status)) return undefined;
  return { kind: "rejected", fields: firstOf(causesOf(body).map(({ field }) => field.slice(0, 128))) };
}

function firstOf(names: readonly string[]): readonly string[] {
  return [...new Set(names)].slice(0, mostShown);
}

function causesOf(body: Uint8Array) {
  try {
    return refusal.parse(JSON.parse(Buffer.from(body).toString())).details.causes;
  } catch {
    return []; // a proxy's page: the status alone has to do
  }
}
