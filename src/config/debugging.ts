import { ConfigError } from "./config-error.ts";

/** Node options that show memory, so secrets, to others: the inspector, heap snapshots and profiles, diagnostic reports. */
const exposing = /^--(inspect|debug|heapsnapshot|heap-prof|report|trace-env|track-heap-objects|abort-on-uncaught)/;

/** Refuses a start under such an option, given to Node itself or in `NODE_OPTIONS`. Throws `ConfigError`. */
export function refuseDebugging(execArgv: readonly string[], nodeOptions: string | undefined): void {
  const given = [...execArgv, ...(nodeOptions ?? "").split(/\s+/)];
  const found = given.map((word) => word.replaceAll('"', "")).find((word) => exposing.test(word));
  if (found === undefined) return;
  throw new ConfigError(`Node option ${found.split("=")[0]} would show secrets in memory to others; start without it`);
}

/** Variables that make a library print what it handles: `yaml` its tokens, `node-vault` its requests with their bodies. */
const talkative = ["LOG_TOKENS", "LOG_STREAM", "DEBUG"];

/** Takes those variables out of `env`, before the libraries are loaded that read them. */
export function muteLibraries(env: NodeJS.ProcessEnv): void {
  for (const name of talkative) delete env[name];
}
