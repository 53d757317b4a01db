import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { bundle } from "../bundle.ts";

/** Runs the program; gives its exit code and what it complained of. */
async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  return await promisify(execFile)(process.execPath, [bundle, ...args], { env: {} }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );
}

describe("a command line", () => {
  it("with flags of another provider is answered with what to give instead", async () => {
    const { code, stderr } = await run("serve", "-endpoint=/provider/vault.sock", "-cache-size=5", "--log-level=info");
    expect(code).toBe(2);
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^latchkey: -endpoint \(of the Vault and OpenBao provider\): give --socket-dir DIR/),
      "latchkey: -endpoint (of the Azure provider): give --socket-dir DIR: the dialect azure has its socket azure.sock there",
      expect.stringMatching(/^latchkey: -cache-size \(of the Vault and OpenBao provider\): leave it out/),
      "",
    ]);
  });

  it("without a command, as another provider is started, is answered with the command too", async () => {
    const { code, stderr } = await run("-health-addr=:8080");
    expect([code, stderr.trimEnd().split("\n").at(-1)]).toEqual([2, "latchkey: start it with: latchkey serve"]);
  });

  it("with a flag that nobody has is refused by its name", async () => {
    const { code, stderr } = await run("serve", "--nonsense");
    expect([code, stderr]).toEqual([2, "error: unknown option '--nonsense'\n"]);
  });

  it("starts with variables of other providers that do nothing here, and says why they do", async () => {
    const directory = await mkdtemp(join(tmpdir(), "latchkey-start-"));
    const env = {
      VAULT_TOKEN: "hvs.CANARY",
      VAULT_ADDR: "https://vault:8200",
      BAO_MAX_RETRIES: "0",
      BAO_SKIP_VERIFY: "1",
    };
    const args = ["serve", "--version-key", "ephemeral", "--providers", "vault,openbao", "--socket-dir", directory];
    const child = spawn(process.execPath, [bundle, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    try {
      let output = "";
      for await (const chunk of child.stdout) {
        output += String(chunk);
        if (output.includes('"msg":"serving"')) break;
      }
      const ignored = output.split("\n").filter((line) => line.includes('"msg":"variable ignored"'));
      expect(ignored.map((line) => JSON.parse(line).variable)).toEqual(["BAO_MAX_RETRIES", "VAULT_TOKEN"]);
      expect(ignored[1]).toContain("every pod logs in as itself");
      const unchecked = output.split("\n").filter((line) => line.includes("certificate is not checked at all"));
      expect(unchecked.map((line) => JSON.parse(line).setting)).toEqual(["--openbao-tls-skip-verify"]);
      expect(output).not.toContain("CANARY");
      expect(await readdir(directory)).toEqual(["openbao.sock", "vault.sock"]);
    } finally {
      child.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("tells its version", async () => {
    expect((await run("--version")).code).toBe(0);
  });
});
