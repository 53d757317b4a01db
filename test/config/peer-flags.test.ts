import { describe, expect, it } from "vitest";
import { flagOf } from "../../src/config/options.ts";
import { explainPeerFlags } from "../../src/config/peer-flags.ts";
import { peers } from "../../src/dialects/index.ts";
import { options } from "../../src/node/options.ts";

const own = new Set(Object.keys(options).map(flagOf));

const explain = (...argv: readonly string[]) => explainPeerFlags(argv, Object.keys(options), peers);

describe("flags of other providers", () => {
  it("are answered by flags that there are", () => {
    for (const { name, flags, answer } of peers.flatMap(({ flags: all }) => all)) {
      expect([name, own.has(`--${name}`)]).toEqual([name, false]);
      expect(flags.filter((flag) => !own.has(flag))).toEqual([]);
      expect(flags.filter((flag) => !answer.includes(flag))).toEqual([]);
      const named = [...answer.matchAll(/(?<![\w-])--[a-z-]+/g)].map(([flag]) => flag);
      expect(named.filter((flag) => !own.has(flag) && flag !== "--version")).toEqual([]);
    }
  });

  it("are explained each, with one dash and with two", () => {
    expect(
      explain("serve", "-endpoint=/provider/vault.sock", "--debug", "--log-level=info", "-vault-addr", "https://x"),
    ).toEqual([
      "-endpoint (of the Vault and OpenBao provider): give --socket-dir DIR and --providers vault,openbao: each dialect has its socket there, vault.sock or openbao.sock",
      "-endpoint (of the Azure provider): give --socket-dir DIR: the dialect azure has its socket azure.sock there",
      "--debug (of the Vault and OpenBao provider): give --log-level debug",
      "-vault-addr: write it with two dashes, --vault-addr",
    ]);
  });

  it("are explained where Google's logging library has them, -v with a space behind it too", () => {
    const [level, gone] = ["give --log-level info or debug", "leave it out: the log is JSON on standard output"];
    const of = (flag: string, answer: string) => `${flag} (of the GCP and Azure provider): ${answer}`;
    expect(explain("serve", "-v=5", "-logtostderr", "--vmodule=a=1", "-log_dir=/x", "-stderrthreshold=2")).toEqual([
      of("-v", level),
      ...["-logtostderr", "--vmodule", "-log_dir", "-stderrthreshold"].map((flag) => of(flag, gone)),
    ]);
    expect(explain("serve", "-v", "5", "-version")).toEqual([
      of("-v", level),
      "-version (of the Vault and OpenBao and Azure provider): run latchkey --version",
    ]);
  });

  it("leave everything else to the command line", () => {
    expect(explain("serve", "--nonsense", "-x", "--drain", "5s", "endpoint", "-")).toEqual([]);
  });

  it("have every other flag of today's Vault and OpenBao providers under its own name", () => {
    const same = ["addr", "mount", "namespace", "tls-ca-cert", "tls-ca-directory", "tls-server-name"];
    const tls = ["tls-client-cert", "tls-client-key", "tls-skip-verify"];
    for (const end of [...same, ...tls]) {
      expect([own.has(`--vault-${end}`), own.has(`--openbao-${end}`)]).toEqual([true, true]);
    }
    expect(own.has("--log-level")).toBe(true);
  });
});
