import type { ParameterPlace } from "../errors.ts";
import type { PlanWarning } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";

/** The part of a file by which those that end at one path are found. */
interface PlacedFile {
  readonly path: string;
  /** The object that it comes from, in messages. */
  readonly subject: string;
  readonly at: ParameterPlace;
}

/**
 * Of files that end at one path the last wins, as the driver writes them. Returns the winners by path, in the order in which the
 * paths were first named, with a warning for each file that is left out.
 */
export function lastOfEachFile<F extends PlacedFile>(
  files: readonly F[],
): { readonly last: ReadonlyMap<string, F>; readonly warnings: readonly PlanWarning[] } {
  const last = new Map<string, F>();
  const warnings: PlanWarning[] = [];
  for (const file of files) {
    const covered = last.get(file.path);
    if (covered !== undefined) {
      const text = `${covered.subject} is left out: ${file.subject} is written to the same file ${quoted(file.path)}`;
      warnings.push({ text, about: "collision", at: file.at });
    }
    last.set(file.path, file);
  }
  return { last, warnings };
}
