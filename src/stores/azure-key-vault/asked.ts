import type { AzureAsked, AzureRef, AzureSearch, AzureTogether } from "../azure/types.ts";
import type { Together } from "../together.ts";
import { nameOfObject } from "./ref.ts";
import { nameOfSearch } from "./search.ts";

/** Narrows what a session reads to several refs as one. */
export function isTogether(asked: AzureAsked): asked is AzureTogether {
  return "refs" in asked;
}

/** Narrows what a session reads to a search. */
export function isSearch(asked: AzureAsked): asked is AzureSearch {
  return "prefix" in asked;
}

/** The versions of one object move in one step: each new one is now the newest. A version that is named never moves. */
export const azureTogether: Together<AzureRef | AzureTogether> = {
  unitOf: (ref) => {
    if (isTogether(ref) || ref.version !== undefined) return undefined;
    return `${ref.type} ${ref.name.toLowerCase()} ${ref.since ?? ""}`;
  },
  join: (refs) => ({
    refs: refs.flatMap(({ ref, optional }) => (isTogether(ref) ? ref.refs : [{ ref, optional }])),
  }),
};

/** Anything that a session reads, for people. */
export function nameOfAsked(asked: AzureRef | AzureTogether | AzureSearch): string {
  if (isSearch(asked)) return nameOfSearch(asked);
  return isTogether(asked) ? asked.refs.map(({ ref }) => nameOfObject(ref)).join(" and ") : nameOfObject(asked);
}
