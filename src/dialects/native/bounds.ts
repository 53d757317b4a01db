import { duration, percent } from "../../config/values.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goText } from "../../formats/go-yaml.ts";
import { parseTime, timeFix } from "../../formats/time.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { WantedBounds } from "../../plan/wanted-bounds.ts";
import type { Fields } from "./strict-fields.ts";

/** Words of freshness, of a secret or of a store for all of its secrets. */
export const boundNames = ["refresh", "maxStale", "spread", "canary", "canaryHold", "notBefore"] as const;

/** Reads them; notes what is no duration. What is not written stays undefined. */
export function readBounds(fields: Fields, place: string, problems: Problems): WantedBounds {
  const read = (name: (typeof boundNames)[number], parse: (node: YamlNode) => number) => {
    const node = fields.get(name)?.value;
    return problems.attempt(`${place}.${name}`, () => (node === undefined ? undefined : parse(node)));
  };
  const notBefore = read("notBefore", readTime);
  return {
    refresh: read("refresh", readDuration),
    maxStale: read("maxStale", readDuration),
    spread: read("spread", readDuration),
    canary: read("canary", readPercent),
    canaryHold: read("canaryHold", readDuration),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** A secret's own word counts before its store's; of two times the later one. */
export function overlayBounds(own: WantedBounds, store: WantedBounds = {}): WantedBounds {
  return {
    refresh: own.refresh ?? store.refresh,
    maxStale: own.maxStale ?? store.maxStale,
    spread: own.spread ?? store.spread,
    canary: own.canary ?? store.canary,
    canaryHold: own.canaryHold ?? store.canaryHold,
    ...(own.notBefore === undefined && store.notBefore === undefined
      ? {}
      : { notBefore: Math.max(own.notBefore ?? 0, store.notBefore ?? 0) }),
  };
}

function readDuration(node: YamlNode): number {
  const text = goText(node);
  const ms = duration.parse(text);
  if (ms === undefined)
    throw new FormatError(`${quoted(text)} is not a duration: allowed is ${duration.allowed}`, node.at);
  return ms;
}

function readPercent(node: YamlNode): number {
  const text = goText(node);
  const share = percent.parse(text);
  if (share === undefined)
    throw new FormatError(`${quoted(text)} is not a share: allowed is ${percent.allowed}`, node.at);
  return share;
}

function readTime(node: YamlNode): number {
  const text = goText(node);
  const time = parseTime(text);
  if (time === undefined) throw new FormatError(`${quoted(text)} is not a time: ${timeFix}`, node.at);
  return time;
}
