import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { ensureSops } from "../../servers/ciphertext-tools.ts";

/** The real tool in a directory of its own, with no way to anybody's keys but those that are given. */
export interface SopsTool {
  readonly directory: string;
  /** Adds variables for each run. */
  env(more: Readonly<Record<string, string>>): void;
  /** Runs it with an input. Throws with what it wrote where it fails. */
  run(args: readonly string[], input?: Uint8Array | string): Promise<Buffer>;
  /** Encrypts a text of a format. */
  encrypt(plain: Uint8Array | string, type: string, args: readonly string[]): Promise<string>;
  /** Encrypts by the text of a configuration file (`.sops.yaml`). */
  encryptBy(config: string, plain: Uint8Array | string, type: string): Promise<string>;
  /** What the tool opens of a document: as JSON, or of a binary one its bytes. */
  decrypt(sealed: string, type: string): Promise<Buffer>;
  stop(): Promise<void>;
}

/** Starts with the age identities of a text. */
export async function openSopsTool(identities = ""): Promise<SopsTool> {
  const program = await ensureSops();
  const directory = await mkdtemp(join(tmpdir(), "lk-sops-"));
  const keys = join(directory, "keys.txt");
  await writeFile(keys, identities, { mode: 0o600 });
  const env: Record<string, string> = { PATH: process.env.PATH ?? "", HOME: directory, SOPS_AGE_KEY_FILE: keys };

  const run: SopsTool["run"] = async (args, input = "") => {
    const child = spawn(program, args, { cwd: directory, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(input);
    const [[code], out, err] = await Promise.all([once(child, "close"), buffer(child.stdout), text(child.stderr)]);
    if (code !== 0) throw new Error(`sops ${args.join(" ")}: ${err.slice(-2_000)}`);
    return out;
  };
  const types = (type: string) => ["--input-type", type, "--output-type", type];
  return {
    directory,
    env: (more) => void Object.assign(env, more),
    run,
    encrypt: async (plain, type, args) =>
      (await run(["--disable-version-check", "encrypt", ...types(type), ...args], plain)).toString("utf8"),
    encryptBy: async (config, plain, type) => {
      const file = join(directory, "config.yaml");
      await writeFile(file, config);
      const args = ["--disable-version-check", "--config", file, "encrypt", ...types(type), "--filename-override", "x"];
      return (await run(args, plain)).toString("utf8");
    },
    decrypt: async (sealed, type) => {
      const to = type === "binary" ? "binary" : "json";
      return await run(["--disable-version-check", "decrypt", "--input-type", type, "--output-type", to], sealed);
    },
    stop: () => rm(directory, { recursive: true, force: true }),
  };
}
