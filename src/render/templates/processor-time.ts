import { readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second for whoever reads it (`USER_HZ`, proc_pid_stat(5)). */
const msPerTick = 10;

/**
 * The processor time that a process has taken since it started, in milliseconds, in steps of ten; undefined where the kernel
 * does not tell. It goes on only while the process does: on a busy node it is less than the time that passes.
 */
export function processorTimeOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before the bracket may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * msPerTick : undefined;
  } catch {
    // It has ended, or there is no such file system.
    return undefined;
  }
}
