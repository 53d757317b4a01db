import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Levels of `--log-level`. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "off";

/**
 * The process's log: JSON lines on standard output, or on `stream`. The lines of one turn of the event loop are written
 * together, synchronously, and also at the end of the process, so that none is lost. Callers give a static message plus
 * fields, never a value or a token.
 */
export function createLogger(level: LogLevel, stream?: { write(line: string): void }): Logger {
  const settings = {
    level: level === "off" ? "silent" : level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return stream === undefined ? pino(settings, standardOutput()) : pino(settings, stream);
}

/** Writes what comes in one turn of the event loop at its end, in one go. Listens for the exit only while lines wait. */
function standardOutput(): { write(line: string): void } {
  const output = pino.destination({ fd: 1, sync: true });
  let lines = "";
  const flush = () => {
    process.off("exit", flush);
    if (lines !== "") output.write(lines);
    lines = "";
  };
  return {
    write(line) {
      if (lines === "") {
        setImmediate(flush);
        process.on("exit", flush);
      }
      lines += line;
    },
  };
}
