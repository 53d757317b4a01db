import { combineErrors, ProviderError } from "../errors.ts";

/** Something that becomes a file of the volume. */
interface Placed {
  readonly path: string;
  /** What the SecretProviderClass calls it. */
  readonly subject: string;
}

/**
 * Checks every path before anything is fetched: the driver's own rules (which reach the pod as bare text), and that no
 * file is written over or into another. Throws `LK0003` with every problem.
 */
export function checkPaths(files: readonly Placed[]): void {
  const judged = files.map((file) => ({ file, problem: pathProblem(file.path) }));
  const refused = judged.flatMap(({ file, problem }) => (problem === undefined ? [] : [refuse(file, problem)]));
  // Only good paths are compared: they are bounded in length.
  const good = judged.flatMap(({ file, problem }) => (problem === undefined ? [file] : []));
  const problems = [...refused, ...collisions(good)];
  const [first, ...rest] = problems;
  if (first !== undefined) throw combineErrors([first, ...rest]);
}

/** What the driver would refuse a path for; undefined for a good one. Lengths are bytes, as in Linux. */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "the path is empty";
  if (path.startsWith("/")) return "the path is absolute";
  if (Buffer.byteLength(path) > 4096) return "the path is longer than 4096 bytes";
  if (path.includes("\0")) return "the path holds a zero byte";
  if (!path.isWellFormed()) return "the path is no valid text";
  const elements = path.split("/");
  if (elements.includes("..")) return "the path has an element `..`";
  if (path.startsWith("..")) return "the path starts with `..`, which the driver keeps for itself";
  if (elements.some((element) => element === "" || element === "."))
    return "the path is not clean: no `//`, `./` or `/` at its end";
  if (elements.some((element) => Buffer.byteLength(element) > 255))
    return "an element of the path is longer than 255 bytes";
  return undefined;
}

function collisions(files: readonly Placed[]): readonly ProviderError[] {
  const byPath = new Map<string, Placed>();
  const problems: ProviderError[] = [];
  for (const file of files) {
    const other = byPath.get(file.path);
    if (other !== undefined) problems.push(refuse(file, `the path is already taken by ${other.subject}`));
    byPath.set(file.path, file);
  }
  for (const file of files) {
    const parent = parentsOf(file.path).find((path) => byPath.has(path));
    const other = parent === undefined ? undefined : byPath.get(parent);
    if (other !== undefined)
      problems.push(refuse(file, `${other.subject} is a file where a directory is needed (${other.path})`));
  }
  return problems;
}

function parentsOf(path: string): readonly string[] {
  const elements = path.split("/");
  return elements.slice(1).map((_, index) => elements.slice(0, index + 1).join("/"));
}

function refuse({ path, subject }: Placed, problem: string): ProviderError {
  return new ProviderError("LK0003", `${problem} (${JSON.stringify(path.slice(0, 256))})`, {
    subject,
    fix: "give a relative path of plain names, such as db/password, that no other file of this volume has",
  });
}
