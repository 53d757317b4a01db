import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditTarget } from "./audit-log.ts";

/** So long a full pipe is waited for, in milliseconds, and so often it is tried meanwhile. */
const patience = { longest: 1_000, step: 5 };

/**
 * Standard output, which the log uses too: each line is told from the log's by its `audit` field. It is written at once, in
 * one piece where the pipe takes it, so that no line of the log gets into one.
 */
export const auditOutput: AuditTarget = {
  lastLine: async () => "",
  async append(lines) {
    const until = performance.now() + patience.longest;
    for (let at = 0; at < lines.length; ) {
      try {
        at += writeSync(1, lines, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || performance.now() > until) throw error;
        await sleep(patience.step);
      }
    }
  },
  close: async () => undefined,
};
