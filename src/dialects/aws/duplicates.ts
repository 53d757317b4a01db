import { type Problems, quoted } from "../../plan/problems.ts";
import { inField, type ObjectDescriptor } from "./objects.ts";

/**
 * Notes the repetitions that today's provider refuses: one name twice with nothing that keeps the two apart (each entry
 * is compared with the one before it of that name), and one alias twice.
 */
export function noteDuplicates(descriptors: readonly ObjectDescriptor[], problems: Problems): void {
  const lastByName = new Map<string, ObjectDescriptor>();
  const aliases = new Set<string>();
  for (const descriptor of descriptors) {
    const { objectName, objectAlias } = descriptor;
    const previous = lastByName.get(objectName);
    const clash = previous === undefined ? undefined : clashOf(previous, descriptor);
    const subject = `object ${quoted(objectName)}`;
    if (clash !== undefined) {
      const message = `found descriptor with duplicate object name ${quoted(objectName)}, ${clash}`;
      const field = objectAlias === "" ? "objectName" : "objectAlias";
      const fix = "give each entry its own objectAlias, or remove one";
      inField(problems, descriptor, field).add("LK0003", subject, message, fix);
    } else if (objectAlias !== "" && aliases.has(objectAlias)) {
      const message = `found duplicate object alias ${quoted(objectAlias)}`;
      const fix = "give each entry its own objectAlias";
      inField(problems, descriptor, "objectAlias").add("LK0003", subject, message, fix);
    }
    lastByName.set(objectName, descriptor);
    if (objectAlias !== "") aliases.add(objectAlias);
    noteJmesAliases(descriptor, aliases, problems);
  }
}

function noteJmesAliases({ jmesPath, objectName }: ObjectDescriptor, aliases: Set<string>, problems: Problems): void {
  for (const entry of jmesPath) {
    const { path, objectAlias } = entry;
    if (objectAlias !== "" && aliases.has(objectAlias)) {
      const message = `name already in use for objectAlias: found duplicate object alias ${quoted(objectAlias)} in JMES path entry ${quoted(path)}`;
      const fix = "give each entry its own objectAlias";
      inField(problems, entry, "objectAlias").add("LK0003", `object ${quoted(objectName)}`, message, fix);
    }
    aliases.add(objectAlias);
  }
}

function clashOf(before: ObjectDescriptor, now: ObjectDescriptor): string | undefined {
  if (before.objectAlias !== now.objectAlias || before.objectVersionLabel !== now.objectVersionLabel) return undefined;
  const alias = now.objectAlias === "" ? "no object alias" : `duplicate object alias ${quoted(now.objectAlias)}`;
  const label =
    now.objectVersionLabel === "" ? "no version label" : `duplicate version label ${quoted(now.objectVersionLabel)}`;
  return `${alias}, and ${label}`;
}
