import type { Together } from "../together.ts";
import { nameOfSearch } from "./search.ts";
import type { AwsRef, AwsSearch, AwsTogether } from "./types.ts";

/** Narrows what a session reads to several refs as one. */
export function isTogether<R extends AwsRef>(asked: R | AwsTogether<R> | AwsSearch): asked is AwsTogether<R> {
  return "refs" in asked;
}

/** How refs of one service are read as one; `unitOf` as in `Together`. */
export function awsTogether<R extends AwsRef>(
  service: R["service"],
  unitOf: (ref: R) => string | undefined,
): Together<R | AwsTogether<R>> {
  return {
    unitOf: (ref) => (isTogether(ref) ? undefined : unitOf(ref)),
    join: (refs) => ({
      service,
      refs: refs.flatMap(({ ref, optional }) => (isTogether(ref) ? ref.refs : [{ ref, optional }])),
    }),
  };
}

/** Returns how anything that a session reads of one service is called; `nameOf` says it of one ref. */
export function nameOfAsked<R extends AwsRef>(
  nameOf: (ref: R) => string,
): (asked: R | AwsTogether<R> | AwsSearch) => string {
  return (asked) => {
    if (isSearch(asked)) return nameOfSearch(asked);
    return isTogether(asked) ? asked.refs.map(({ ref }) => nameOf(ref)).join(" and ") : nameOf(asked);
  };
}

function isSearch(asked: AwsRef | AwsTogether | AwsSearch): asked is AwsSearch {
  return "prefix" in asked;
}
