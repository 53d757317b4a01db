import { posix } from "node:path";
import type { MountFile } from "./wire.ts";

const MAX_ELEMENT_BYTES = 255;
const MAX_PATH_BYTES = 4096;
const MAX_MODE = 0o777;

/** Throws what the driver says of the first file that it would not write. */
export function checkFiles(files: readonly MountFile[]): void {
  for (const { path, mode } of files) {
    const problem = pathProblem(path);
    if (problem !== undefined) throw new Error(`invalid path ${JSON.stringify(path)}: ${problem}`);
    if (mode < 0 || mode > MAX_MODE) throw new Error(`invalid file mode ${mode} of ${JSON.stringify(path)}`);
  }
}

/** The first rule that a path breaks, in the driver's order. */
export function pathProblem(path: string): string | undefined {
  const elements = path.split("/");
  if (path === "") return "must not be empty";
  if (path.startsWith("/")) return "must not be absolute";
  if (elements.includes("..")) return "must not contain '..'";
  if (elements[0]?.startsWith("..")) return "must not start with '..'";
  if (path !== cleaned(path)) return "must be clean";
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `must not be longer than ${MAX_PATH_BYTES} bytes`;
  if (elements.some((element) => Buffer.byteLength(element) > MAX_ELEMENT_BYTES)) {
    return `no element may be longer than ${MAX_ELEMENT_BYTES} bytes`;
  }
  return undefined;
}

/** A path as Go's `filepath.Clean` leaves it: unlike Node's, without a slash at the end. */
function cleaned(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}
