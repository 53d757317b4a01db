import { FormatError } from "../../../formats/format-error.ts";
import { type Tree, TreeMap } from "./tree.ts";

/** A place in flattened metadata: what has a value there, what has names below it, what has numbers. */
interface Place {
  value?: Tree;
  readonly names: Map<string, Place>;
  readonly numbers: Map<number, Place>;
}

/**
 * Metadata that a flat format had to write in single lines: `age__list_0__map_enc` is the field `enc` of the first of a
 * list. Throws `FormatError` for keys that contradict each other.
 */
export function unflatten(flat: TreeMap): TreeMap {
  const root = newPlace();
  for (const [key, value] of flat.entries) {
    const place = stepsOf(key).reduce(below, root);
    if (place.value !== undefined) throw new FormatError("the metadata has one key twice");
    place.value = value;
  }
  const tree = treeAt(root);
  if (tree instanceof TreeMap) return tree;
  throw new FormatError("the metadata is not a map");
}

function newPlace(): Place {
  return { names: new Map(), numbers: new Map() };
}

/** Metadata is a few levels deep. */
const mostSteps = 32;

/** The names and numbers of a key, in order. */
function stepsOf(key: string): readonly (string | number)[] {
  const [first = "", ...rest] = key.split(/(__map_|__list_)/);
  const steps: (string | number)[] = [first];
  if (rest.length > mostSteps) throw new FormatError("the metadata has a key that is too long");
  for (let at = 0; at < rest.length; at += 2) {
    const step = rest[at + 1] ?? "";
    if (rest[at] === "__map_") steps.push(step);
    else if (/^[0-9]{1,4}$/.test(step)) steps.push(Number(step));
    else throw new FormatError("the metadata has a list without a number");
  }
  return steps;
}

function below(place: Place, step: string | number): Place {
  if (typeof step === "string") {
    const next = place.names.get(step) ?? newPlace();
    place.names.set(step, next);
    return next;
  }
  const next = place.numbers.get(step) ?? newPlace();
  place.numbers.set(step, next);
  return next;
}

function treeAt({ value, names, numbers }: Place): Tree {
  const kinds = Number(value !== undefined) + Number(names.size > 0) + Number(numbers.size > 0);
  if (kinds > 1) throw new FormatError("the metadata has a key that is both a value and a group");
  if (value !== undefined) return value;
  if (numbers.size === 0) return new TreeMap([...names].map(([name, place]) => [name, treeAt(place)]));
  return Array.from({ length: numbers.size }, (_, at) => {
    const place = numbers.get(at);
    if (place === undefined) throw new FormatError("the metadata has a list with a gap");
    return treeAt(place);
  });
}
