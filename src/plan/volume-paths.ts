import { type ParameterPlace, ProviderError } from "../errors.ts";
import { holdsControl } from "./one-line.ts";
import { quoted } from "./problems.ts";

/** Something that becomes a file of the volume. */
interface Placed {
  readonly path: string;
  /** Its name in the SecretProviderClass. */
  readonly subject: string;
  readonly at?: ParameterPlace | undefined;
}

/**
 * Returns the problems with the paths of a volume: those that break the driver's own rules (which reach the pod as bare
 * text), and files that would be written over or into another. Every dialect notes these beside its other problems; the
 * mount checks again.
 */
export function pathErrors(files: readonly Placed[]): readonly ProviderError[] {
  const judged = files.map((file) => ({ file, problem: pathProblem(file.path) }));
  const refused = judged.flatMap(({ file, problem }) => (problem === undefined ? [] : [refuse(file, problem)]));
  // Only good paths are compared: they are bounded in length.
  const good = judged.flatMap(({ file, problem }) => (problem === undefined ? [file] : []));
  return [...refused, ...collisions(good)];
}

/** Each directory above a file is looked up; nobody needs as many. */
const mostElements = 64;

/** Says why the driver would refuse a path; undefined for a good one. Lengths are in bytes, as in Linux. */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "the path is empty";
  if (path.startsWith("/")) return "the path is absolute";
  if (Buffer.byteLength(path) > 4096) return "the path is longer than 4096 bytes";
  if (holdsControl(path)) return "the path holds a line break or another control character";
  if (!path.isWellFormed()) return "the path is not valid text";
  const elements = path.split("/");
  if (elements.length > mostElements) return `the path is more than ${mostElements} directories deep`;
  if (elements.includes("..")) return "the path has an element `..`";
  if (path.startsWith("..")) return "the path starts with `..`, which the driver keeps for itself";
  if (elements.some((element) => element === "" || element === "."))
    return "the path is not clean: no `//`, `../dialects/` or `/` at its end";
  if (elements.some((element) => Buffer.byteLength(element) > 255))
    return "an element of the path is longer than 255 bytes";
  return undefined;
}

function collisions(files: readonly Placed[]): readonly ProviderError[] {
  const byPath = new Map<string, Placed>();
  const errors: ProviderError[] = [];
  for (const file of files) {
    const other = byPath.get(file.path);
    if (other === undefined) byPath.set(file.path, file);
    else errors.push(refuse(file, `the path is already taken by ${other.subject}`));
  }
  for (const file of byPath.values()) {
    const other = parentsOf(file.path)
      .map((path) => byPath.get(path))
      .find((parent) => parent !== undefined);
    if (other !== undefined) errors.push(refuse(file, `it needs a directory where ${other.subject} puts a file`));
  }
  return errors;
}

function parentsOf(path: string): readonly string[] {
  const elements = path.split("/");
  return elements.slice(1).map((_, index) => elements.slice(0, index + 1).join("/"));
}

function refuse({ path, subject, at }: Placed, problem: string): ProviderError {
  return new ProviderError("LK0003", `${quoted(path)}: ${problem}`, {
    subject,
    at,
    fix: "give a relative path of plain names, such as db/password, that no other file of this volume has",
  });
}
