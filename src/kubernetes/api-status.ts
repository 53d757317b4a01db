import * as z from "zod";
import { plainJson } from "./plain-json.ts";

/** One cause among the details of a Status. */
interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** The API's explanation of a request that it did not carry out. */
export interface ApiStatus {
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly StatusCause[];
}

/** The API leaves out what is empty. */
const text = z.string().nullish();
const shape = z.object({
  kind: z.literal("Status"),
  reason: text,
  message: text,
  details: z.object({ causes: z.array(z.object({ reason: text, message: text, field: text })).nullish() }).nullish(),
});

/**
 * Reads a Status (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/); undefined for anything
 * else, such as a proxy's page. Its texts can quote the object that was sent: `quotable.ts` says which may be shown.
 */
export function readStatus(body: Uint8Array): ApiStatus | undefined {
  const parsed = shape.safeParse(plainJson(Buffer.from(body).toString()));
  if (!parsed.success) return undefined;
  const { reason, message, details } = parsed.data;
  const causes = (details?.causes ?? []).map((cause) => ({
    ...{ reason: cause.reason ?? "", message: cause.message ?? "", field: cause.field ?? "" },
  }));
  return { reason: reason ?? "", message: message ?? "", causes };
}
