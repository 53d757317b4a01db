import type { Together } from "../together.ts";
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

/** All of them for people. */
export function nameOfTogether<R extends AwsRef>({ refs }: AwsTogether<R>, nameOf: (ref: R) => string): string {
  return refs.map(({ ref }) => nameOf(ref)).join(" and ");
}
