import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Levels of `--log-level`. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "off";

/**
 * The process's log: JSON lines on standard output, or on `stream`. Writes are synchronous, so that no line is lost
 * when the process ends. Callers give a static message plus fields, never a value or a token.
 */
export function createLogger(level: LogLevel, stream?: { write(line: string): void }): Logger {
  const settings = {
    level: level === "off" ? "silent" : level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return stream === undefined ? pino(settings, pino.destination({ fd: 1, sync: true })) : pino(settings, stream);
}
