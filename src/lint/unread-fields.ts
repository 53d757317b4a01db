import type { YamlPosition } from "../formats/yaml-node.ts";
import { nearest } from "../nearest.ts";
import { named, quoted } from "../plan/problems.ts";
import type { Fields } from "./kubernetes-objects.ts";

/** A field that Kubernetes drops from an object, so that nobody reads it. */
export interface UnreadField {
  readonly at: YamlPosition;
  readonly subject: string;
  readonly message: string;
  readonly fix: string;
}

/**
 * Returns the fields that are not among the known ones. `prefix` stands before their names in subjects: `spec.`. `whereTo`
 * says what to do about a field that belongs somewhere else.
 */
export function unreadFields(
  fields: Fields,
  prefix: string,
  known: readonly string[],
  whereTo: (name: string) => string | undefined = () => undefined,
): readonly UnreadField[] {
  return [...fields].flatMap(([name, { at }]) => {
    if (known.includes(name)) return [];
    const close = nearest(name, known);
    const fix = whereTo(name) ?? (close === undefined ? "remove it" : `did you mean ${quoted(close)}?`);
    return [{ at, subject: `${prefix}${named(name)}`, message: `field ${quoted(name)} is not read`, fix }];
  });
}
