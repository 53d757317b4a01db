import { until } from "./until.ts";

/** One line of Latchkey's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Returns the log lines among all that a process wrote. */
export function logIn(output: string): readonly LogLine[] {
  return output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}

/**
 * Returns the last log line of a pod's mounts; a line can come through the pipe after the mount's answer. Throws if there is
 * none after ten seconds.
 */
export async function mountIn(output: () => string, pod: string): Promise<LogLine> {
  const line = await until(
    async () => logIn(output()).findLast((each) => each.msg === "mount" && each.pod === pod),
    (found) => found !== undefined,
  );
  if (line === undefined) throw new Error(`there is no log line of a mount of ${pod}`);
  return line;
}
