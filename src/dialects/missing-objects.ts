import { nearest } from "../nearest.ts";
import { type Problems, quoted } from "../plan/problems.ts";

/** Notes that `objects` says nothing, with the parameter that was probably meant. */
export function noteMissingObjects(
  parameters: ReadonlyMap<string, string>,
  { message, fix }: { readonly message: string; readonly fix: string },
  problems: Problems,
): void {
  const others = [...parameters.keys()].filter((name) => name !== "objects");
  const meant = nearest("objects", others);
  problems.add(
    "LK0003",
    "objects",
    message,
    meant === undefined ? fix : `rename the parameter ${quoted(meant)} to objects`,
  );
}
