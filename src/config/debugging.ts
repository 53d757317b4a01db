import { ConfigError } from "./config-error.ts";

/**
 * Options that Node may be given, here or in `NODE_OPTIONS`: how it uses memory, whom it trusts and finds, and what it warns
 * of. All others are refused, for among them are those that write keys, traffic or memory to files, open an inspector, or
 * load code that could (https://nodejs.org/api/cli.html#options).
 */
const allowedOptions: ReadonlySet<string> = new Set([
  ...["disable-sigusr1", "jitless", "max-heap-size", "max-old-space-size", "max-old-space-size-percentage"],
  ...["max-semi-space-size", "min-semi-space-size", "optimize-for-size", "stack-trace-limit", "title"],
  ...["unhandled-rejections", "use-largepages", "v8-pool-size", "secure-heap", "secure-heap-min", "zero-fill-buffers"],
  ...["disallow-code-generation-from-strings", "disable-proto", "frozen-intrinsics", "no-addons", "permission"],
  ...["allow-fs-read", "allow-fs-write", "allow-child-process", "allow-net", "allow-worker", "allow-addons"],
  ...["enable-fips", "force-fips", "openssl-config", "openssl-legacy-provider", "openssl-shared-config"],
  ...["tls-cipher-list", "tls-max-v1.2", "tls-max-v1.3", "tls-min-v1.2", "tls-min-v1.3"],
  ...["use-bundled-ca", "use-openssl-ca", "use-system-ca", "use-env-proxy", "icu-data-dir", "max-http-header-size"],
  ...["dns-result-order", "network-family-autoselection", "network-family-autoselection-attempt-timeout"],
  ...["no-network-family-autoselection", "deprecation", "disable-warning", "enable-source-maps", "no-deprecation"],
  ...["no-warnings", "pending-deprecation", "trace-deprecation", "trace-warnings", "warnings"],
]);

/**
 * Variables that Node itself reads and that show what it handles, or that make it another program. Others of this form are
 * not Node's: the kubelet makes some for a Service called `node-exporter`.
 */
const refusedVariables = [
  ...["NODE_DEBUG_NATIVE", "NODE_INSPECT_RESUME_ON_START", "NODE_PATH", "NODE_REPL_EXTERNAL_MODULE"],
  ...["NODE_TEST_CONTEXT", "NODE_UNIQUE_ID", "NODE_V8_COVERAGE"],
] as const;

/** Areas of `NODE_DEBUG` that print no bytes of what is read or written (https://nodejs.org/api/cli.html#node_debugmodule). */
const quietAreas: ReadonlySet<string> = new Set([
  ...["dns", "esm", "fetch", "http", "http2", "https", "module", "net", "timer", "timers", "tls", "undici"],
]);

/** Refuses a start under such an option, given to Node itself or in the environment. Throws `ConfigError`. */
export function refuseDebugging(execArgv: readonly string[], env: NodeJS.ProcessEnv): void {
  const given = [...execArgv, ...(env.NODE_OPTIONS ?? "").split(/\s+/)].map((word) => word.replace(/["\\]/g, ""));
  const found = given.find((word) => word.startsWith("-") && !allowedOptions.has(nameOf(word)));
  if (found !== undefined) {
    throw new ConfigError(
      `Node option ${found.split("=")[0]} could show secrets, keys or memory to others; start without it (docs/hardening.md has the options that may be set)`,
    );
  }
  const variable = refusedVariables.find((name) => (env[name] ?? "") !== "");
  if (variable !== undefined) {
    throw new ConfigError(`${variable} could show secrets, keys or memory to others; start without it`);
  }
  const areas = (env.NODE_DEBUG ?? "").split(",").map((area) => area.trim().toLowerCase());
  const loud = areas.find((area) => area !== "" && !quietAreas.has(area));
  if (loud !== undefined) {
    throw new ConfigError(
      `NODE_DEBUG with ${JSON.stringify(loud)} could print secrets; allowed: ${[...quietAreas].join(", ")}`,
    );
  }
}

/** Node takes underscores for dashes. */
function nameOf(word: string): string {
  return word.split("=", 1)[0]?.replaceAll("_", "-").replace(/^--/, "") ?? "";
}

/** Variables that make a library print what it handles: `yaml` its tokens, `node-vault` its requests with their bodies. */
const talkative = ["LOG_TOKENS", "LOG_STREAM", "DEBUG"];

/** Takes those variables out of `env`, before the libraries are loaded that read them. */
export function muteLibraries(env: NodeJS.ProcessEnv): void {
  for (const name of talkative) delete env[name];
}
