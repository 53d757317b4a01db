import { duration } from "../../config/values.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goText } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { WantedBounds } from "../plan.ts";
import { type Problems, quoted } from "../problems.ts";
import type { Fields } from "./strict-fields.ts";

/** Words of freshness, of a secret or of a store for all of its secrets. */
export const boundNames = ["refresh", "maxStale", "spread"] as const;

/** Reads them; notes what is no duration. What is not written stays undefined. */
export function readBounds(fields: Fields, place: string, problems: Problems): WantedBounds {
  const read = (name: (typeof boundNames)[number]) => {
    const node = fields.get(name)?.value;
    return problems.attempt(`${place}.${name}`, () => (node === undefined ? undefined : readDuration(node)));
  };
  return { refresh: read("refresh"), maxStale: read("maxStale"), spread: read("spread") };
}

/** A secret's own word counts before its store's. */
export function overlayBounds(own: WantedBounds, store: WantedBounds = {}): WantedBounds {
  return {
    refresh: own.refresh ?? store.refresh,
    maxStale: own.maxStale ?? store.maxStale,
    spread: own.spread ?? store.spread,
  };
}

function readDuration(node: YamlNode): number {
  const text = goText(node);
  const ms = duration.parse(text);
  if (ms === undefined)
    throw new FormatError(`${quoted(text)} is no duration: allowed is ${duration.allowed}`, node.at);
  return ms;
}
