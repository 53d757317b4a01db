import { ConfigError } from "./config-error.ts";

/** Node options that show memory, so secrets, to others: the inspector, heap snapshots and profiles, diagnostic reports. */
const exposing = /^--(inspect|debug|heapsnapshot|heap-prof|report|trace-env|track-heap-objects|abort-on-uncaught)/;

/** Areas of `NODE_DEBUG` that print the bytes that are read and written (https://nodejs.org/api/cli.html#node_debugmodule). */
const printing = /(?:^|,)\s*(?:stream|\*|[^,]*\*[^,]*)\s*(?:,|$)/i;

/** Refuses a start under such an option, given to Node itself or in the environment. Throws `ConfigError`. */
export function refuseDebugging(execArgv: readonly string[], env: NodeJS.ProcessEnv): void {
  const given = [...execArgv, ...(env.NODE_OPTIONS ?? "").split(/\s+/)];
  // Node takes underscores for dashes.
  const words = given.map((word) => word.replaceAll('"', "").split("=")[0]?.replaceAll("_", "-") ?? "");
  const found = words.find((word) => exposing.test(word));
  if (found !== undefined) {
    throw new ConfigError(`Node option ${found} would show secrets in memory to others; start without it`);
  }
  if (printing.test(env.NODE_DEBUG ?? "")) {
    throw new ConfigError(
      "NODE_DEBUG with stream or * prints every byte, secrets too; name other areas, such as http,net,tls",
    );
  }
}

/** Variables that make a library print what it handles: `yaml` its tokens, `node-vault` its requests with their bodies. */
const talkative = ["LOG_TOKENS", "LOG_STREAM", "DEBUG"];

/** Takes those variables out of `env`, before the libraries are loaded that read them. */
export function muteLibraries(env: NodeJS.ProcessEnv): void {
  for (const name of talkative) delete env[name];
}
