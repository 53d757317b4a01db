import type { Bounds } from "../cache/freshness.ts";
import { duration, percent, type ValueType } from "../config/values.ts";
import { combineErrors, ProviderError } from "../errors.ts";
import { parseTime, timeFix } from "../formats/time.ts";
import type { commonNames } from "../plan/common-parameters.ts";
import type { WantedBounds } from "../plan/wanted-bounds.ts";

/** The operator's bounds of freshness, in milliseconds, and how new versions reach volumes if nobody says otherwise. */
export interface OperatorBounds {
  readonly refresh: number;
  readonly minRefresh: number;
  readonly maxStale: number;
  readonly spread?: number | undefined;
  /** Share of pods, from 0 to 1. */
  readonly canary?: number | undefined;
  readonly canaryHold?: number | undefined;
}

/**
 * Returns a SecretProviderClass's bounds within the operator's: never refreshed more often, never served older. What is said of a
 * secret counts before what is said of the whole class (`common`).
 */
export function boundsOf(operator: OperatorBounds, wanted: WantedBounds = {}, common: WantedBounds = {}): Bounds {
  const times = [common.notBefore, wanted.notBefore].filter((time) => time !== undefined);
  return {
    refresh: Math.max(operator.minRefresh, wanted.refresh ?? operator.refresh),
    maxStale: Math.min(operator.maxStale, wanted.maxStale ?? operator.maxStale),
    spread: wanted.spread ?? common.spread ?? operator.spread ?? 0,
    canary: wanted.canary ?? common.canary ?? operator.canary,
    canaryHold: wanted.canaryHold ?? common.canaryHold ?? operator.canaryHold,
    notBefore: times.length === 0 ? undefined : Math.max(...times),
  };
}

const nothing: WantedBounds = {};

const time: Pick<ValueType<number>, "allowed" | "parse"> = { allowed: timeFix, parse: parseTime };

const types: Readonly<Record<(typeof commonNames)[number], typeof time>> = {
  ...{ notBefore: time, spread: duration, canary: percent, canaryHold: duration },
};

/** Reads the parameters that every dialect has, in milliseconds. Throws one `LK0003` that lists all that cannot be read. */
export function readCommon(common: ReadonlyMap<string, string>): WantedBounds {
  if (common.size === 0) return nothing;
  const problems: ProviderError[] = [];
  const read = (name: (typeof commonNames)[number]): number | undefined => {
    const text = common.get(name) ?? "";
    const value = text === "" ? undefined : types[name].parse(text);
    if (text !== "" && value === undefined) problems.push(unreadable(name, text));
    return value;
  };
  const bounds = {
    ...{ notBefore: read("notBefore"), spread: read("spread") },
    ...{ canary: read("canary"), canaryHold: read("canaryHold") },
  };
  const [first, ...rest] = problems;
  if (first !== undefined) throw combineErrors([first, ...rest]);
  return bounds;
}

const nouns = { notBefore: "a time", spread: "a duration", canary: "a share", canaryHold: "a duration" } as const;

function unreadable(name: keyof typeof nouns, text: string): ProviderError {
  const fix = name === "notBefore" ? timeFix : `write ${types[name].allowed}`;
  return new ProviderError("LK0003", `${JSON.stringify(text.slice(0, 64))} is not ${nouns[name]}`, {
    subject: name,
    fix,
  }).placed({ parameter: name });
}
