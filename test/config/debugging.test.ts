import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/config-error.ts";
import { refuseDebugging } from "../../src/config/debugging.ts";

function messageOf(execArgv: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  try {
    refuseDebugging(execArgv, env);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.message;
  }
}

/** Options that write keys, traffic or memory somewhere, or load what could. */
const showing = [
  ...[
    "--tls-keylog=/tmp/keys",
    "--trace-tls",
    "--inspect",
    "--inspect-brk=0",
    "--inspect-port=1",
    "--heap-prof",
    "--cpu-prof",
  ],
  ...[
    "--heapsnapshot-signal=SIGUSR2",
    "--heapsnapshot-near-heap-limit=1",
    "--report-on-signal",
    "--report-uncaught-exception",
  ],
  ...["--report-on-fatalerror", "--report-dir=/", "--trace-env", "--trace-event-categories=v8", "--track-heap-objects"],
  ...[
    "--abort-on-uncaught-exception",
    "--perf-basic-prof",
    "--require=/x.js",
    "-r",
    "--import=/x.mjs",
    "--loader=/x.mjs",
  ],
  ...[
    "--diagnostic-dir=/",
    "--redirect-warnings=/x",
    "--trace-sigint",
    "--expose-gc",
    "--prof",
    "--env-file=/x",
    "-e",
    "-p",
  ],
  ...["--localstorage-file=/x", "--watch", "--test", "--eval", "--experimental-config-file", "--insecure-http-parser"],
];

describe("Node options that show memory or keys", () => {
  it.each(showing)("stop the start: %s", (option) => {
    const name = option.split("=")[0];
    const message = `Node option ${name} could show secrets, keys or memory to others; start without it (docs/hardening.md has the options that may be set)`;
    expect(messageOf([option], {})).toBe(message);
    expect(messageOf([], { NODE_OPTIONS: `--max-old-space-size=64  ${option}` })).toBe(message);
    expect(messageOf([], { NODE_OPTIONS: `"${option}"` })).toBe(message);
    expect(messageOf([], { NODE_OPTIONS: `"\\${option}"` })).toBe(message);
    expect(messageOf([option.replace(/(?<=\w)-/g, "_")], {})).toMatch(/^Node option /);
  });

  it("are all that Node takes from NODE_OPTIONS but those that are known to show nothing", () => {
    const taken = [...process.allowedNodeEnvironmentFlags].filter((flag) => messageOf([flag], {}) === undefined);
    const showing =
      /log|trace-(?!warn|depr|limit)|inspect|prof|heap(?!-size)|snapshot|report|debug|import|require|load|test|watch/;
    expect(taken.filter((flag) => showing.test(flag) && !flag.startsWith("--secure-heap"))).toEqual([]);
    expect(taken.length).toBeGreaterThan(30);
  });

  it("are not those of the image, of the chart's heap, and for CAs, DNS and warnings", () => {
    const image = ["--disable-sigusr1", "--optimize-for-size", "--max-semi-space-size=4", "--max-old-space-size=160"];
    expect(
      messageOf(image, { NODE_OPTIONS: "--use-openssl-ca --dns-result-order=ipv4first --max_old_space_size=64" }),
    ).toBe(undefined);
    expect(messageOf(["--icu-data-dir", "/icu"], {})).toBe(undefined);
  });
});

describe("variables of Node", () => {
  it.each(["NODE_DEBUG_NATIVE", "NODE_V8_COVERAGE", "NODE_PATH", "NODE_UNIQUE_ID"])("stop the start: %s", (name) => {
    expect(messageOf([], { [name]: "x" })).toBe(
      `${name} could show secrets, keys or memory to others; start without it`,
    );
    expect(messageOf([], { [name]: "" })).toBe(undefined);
  });

  it("are not those that the kubelet makes for Services, nor those for CAs", () => {
    const env = { NODE_EXPORTER_SERVICE_HOST: "10.0.0.1", NODE_NAME: "n", NODE_EXTRA_CA_CERTS: "/ca", NODE_ENV: "x" };
    expect(messageOf([], env)).toBe(undefined);
  });

  it.each(["stream", "http,STREAM", "*", "st*", "http, worker", "child_process", "crypto"])(
    "stop the start: NODE_DEBUG=%s",
    (areas) => {
      expect(messageOf([], { NODE_DEBUG: areas })).toMatch(
        /^NODE_DEBUG with ".*" could print secrets; allowed: dns, esm, fetch, http, http2, https, module, net, /,
      );
    },
  );

  it("may have NODE_DEBUG print what holds no bytes", () => {
    expect(messageOf([], { NODE_DEBUG: "http,https,http2,TLS, net,undici,fetch,timer" })).toBe(undefined);
  });
});
