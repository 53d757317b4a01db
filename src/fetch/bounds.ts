import type { Bounds } from "../cache/freshness.ts";
import { ProviderError } from "../errors.ts";
import { parseTime, timeFix } from "../formats/time.ts";
import { notBeforeParameter } from "../plan/common-parameters.ts";
import type { WantedBounds } from "../plan/plan.ts";

/** The operator's bounds of freshness, in milliseconds. */
export interface OperatorBounds {
  readonly refresh: number;
  readonly minRefresh: number;
  readonly maxStale: number;
}

/** Returns a SecretProviderClass's bounds within the operator's: never refreshed more often, never served older. */
export function boundsOf(operator: OperatorBounds, wanted: WantedBounds = {}, notBefore?: number): Bounds {
  const times = [notBefore, wanted.notBefore].filter((time) => time !== undefined);
  return {
    refresh: Math.max(operator.minRefresh, wanted.refresh ?? operator.refresh),
    maxStale: Math.min(operator.maxStale, wanted.maxStale ?? operator.maxStale),
    spread: wanted.spread ?? 0,
    notBefore: times.length === 0 ? undefined : Math.max(...times),
  };
}

/** Reads the parameter `notBefore`, in milliseconds since the epoch. Throws `LK0003` for what is no such time. */
export function readNotBefore(parameters: ReadonlyMap<string, string>): number | undefined {
  const text = parameters.get(notBeforeParameter) ?? "";
  if (text === "") return undefined;
  const time = parseTime(text);
  if (time !== undefined) return time;
  throw new ProviderError("LK0003", `${JSON.stringify(text.slice(0, 64))} is not a time`, {
    subject: notBeforeParameter,
    fix: timeFix,
  });
}
