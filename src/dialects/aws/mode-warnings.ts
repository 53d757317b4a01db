import type { PlanWarning } from "../../plan/plan.ts";
import { quoted } from "../../plan/problems.ts";
import { canBeMeant, fewModeWarnings, modeOfDecimal, modeText } from "../mode-bits.ts";
import type { ObjectDescriptor } from "./objects.ts";

/** Warns of modes that are used as today although nobody can have meant them. */
export function modeWarnings(descriptors: readonly ObjectDescriptor[]): readonly PlanWarning[] {
  const written = descriptors.flatMap(({ objectName, jmesPath, ...own }) => [
    { ...own, subject: `object ${quoted(objectName)}` },
    ...jmesPath.map((entry) => ({ ...entry, subject: `object ${quoted(objectName)}, jmesPath ${quoted(entry.path)}` })),
  ]);
  const odd = written.flatMap(({ subject, filePermission, at, places }): readonly PlanWarning[] => {
    const text = problemOf(filePermission);
    const place = { parameter: "objects", ...(places.get("filePermission") ?? at) };
    return text === undefined ? [] : [{ text: `${subject}: ${text}`, about: "other", at: place }];
  });
  return fewModeWarnings(odd);
}

/** Of four octal digits. */
function problemOf(text: string): string | undefined {
  if (text === "") return undefined;
  const mode = Number.parseInt(text.slice(1), 8);
  if (!text.startsWith("0"))
    return `only the last three digits of filePermission "${text}" are used, ${modeText(mode)}`;
  if (canBeMeant(mode)) return undefined;
  const decimal = modeOfDecimal(text.slice(1));
  const hint = decimal === undefined ? "" : `; if you mean ${text.slice(1)} as a decimal number, write "${decimal}"`;
  return `filePermission "${text}" lets users write or execute who cannot read, or gives others more than the owner${hint}`;
}
