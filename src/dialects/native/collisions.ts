import { type Problems, quoted } from "../problems.ts";
import type { FileSpec } from "./files.ts";

/** Notes files that would be written over or into another one, naming both. */
export function noteCollisions(files: readonly FileSpec[], problems: Problems): void {
  const byPath = new Map<string, FileSpec>();
  const fix = "give every file of the volume a path of its own";
  for (const file of files) {
    const other = byPath.get(file.path);
    if (other === undefined) byPath.set(file.path, file);
    else
      problems.add("LK0003", `${file.place}.path`, `${quoted(file.path)} is already the path of ${other.place}`, fix);
  }
  for (const file of byPath.values()) {
    const parent = parentsOf(file.path).find((path) => byPath.has(path));
    if (parent === undefined) continue;
    const message = `${quoted(file.path)} needs a directory where ${byPath.get(parent)?.place} puts a file`;
    problems.add("LK0003", `${file.place}.path`, message, fix);
  }
}

/** The directories that a path lies in; none for one that is too long to become a file. */
function parentsOf(path: string): readonly string[] {
  if (path.length > 4096) return [];
  const elements = path.split("/");
  return elements.slice(1).map((_, index) => elements.slice(0, index + 1).join("/"));
}
