import type { PlanWarning } from "../../plan/plan.ts";
import { quoted } from "../../plan/problems.ts";
import { fewModeWarnings, octalProblem } from "../mode-bits.ts";
import type { ObjectDescriptor } from "./objects.ts";

/** Warns of modes that are used as today although nobody can have meant them. */
export function modeWarnings(descriptors: readonly ObjectDescriptor[]): readonly PlanWarning[] {
  const written = descriptors.flatMap(({ objectName, jmesPath, ...own }) => [
    { ...own, subject: `object ${quoted(objectName)}` },
    ...jmesPath.map((entry) => ({ ...entry, subject: `object ${quoted(objectName)}, jmesPath ${quoted(entry.path)}` })),
  ]);
  const odd = written.flatMap(({ subject, filePermission, at, places }): readonly PlanWarning[] => {
    const text = filePermission === "" ? undefined : octalProblem(filePermission);
    const place = { parameter: "objects", ...(places.get("filePermission") ?? at) };
    return text === undefined ? [] : [{ text: `${subject}: ${text}`, about: "other", at: place }];
  });
  return fewModeWarnings(odd);
}
