import type { Bounds } from "../cache/freshness.ts";
import type { WantedBounds } from "../dialects/plan.ts";
import { ProviderError } from "../errors.ts";

/** The operator's bounds of freshness, in milliseconds. */
export interface OperatorBounds {
  readonly refresh: number;
  readonly minRefresh: number;
  readonly maxStale: number;
}

/** Name of the parameter that every dialect has: values fetched before this time are asked for again. */
export const notBeforeParameter = "notBefore";

/** What a SecretProviderClass wants, within what the operator allows: never refreshed more often, never served older. */
export function boundsOf(operator: OperatorBounds, wanted: WantedBounds = {}, notBefore?: number): Bounds {
  return {
    refresh: Math.max(operator.minRefresh, wanted.refresh ?? operator.refresh),
    maxStale: Math.min(operator.maxStale, wanted.maxStale ?? operator.maxStale),
    spread: wanted.spread ?? 0,
    notBefore,
  };
}

/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Reads the parameter `notBefore`, in milliseconds since the epoch. Throws `LK0003` for what is no such time. */
export function readNotBefore(parameters: ReadonlyMap<string, string>): number | undefined {
  const text = parameters.get(notBeforeParameter) ?? "";
  if (text === "") return undefined;
  const time = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new ProviderError("LK0003", `${JSON.stringify(text.slice(0, 64))} is no time`, {
    subject: notBeforeParameter,
    fix: "write a time as RFC 3339 does, with its zone: 2026-11-23T12:00:00Z",
  });
}
