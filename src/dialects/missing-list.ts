import { nearest } from "../nearest.ts";
import { type Problems, quoted } from "../plan/problems.ts";

/** Notes that the parameter with the list of secrets says nothing, with the parameter that was probably meant. */
export function noteMissingList(
  list: string,
  parameters: ReadonlyMap<string, string>,
  { message, fix }: { readonly message: string; readonly fix: string },
  problems: Problems,
): void {
  const others = [...parameters.keys()].filter((name) => name !== list);
  const meant = nearest(list, others);
  problems.add("LK0003", list, message, meant === undefined ? fix : `rename the parameter ${quoted(meant)} to ${list}`);
}
