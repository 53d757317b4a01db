import { writeFile } from "node:fs/promises";
import { errorName } from "../errors.ts";
import type { Logger } from "../log.ts";

/** The file that says which memory core dumps hold, of this process and of those that it starts: core(5). */
const filter = "/proc/self/coredump_filter";

/** Leaves all memory out of core dumps, where the kernel lets a process say so; a warning where it does not. */
export async function emptyCoreDumps(log: Logger): Promise<void> {
  try {
    await writeFile(filter, "0");
  } catch (error) {
    log.warn({ error: errorName(error) }, "core dumps of this process would hold its memory");
  }
}
