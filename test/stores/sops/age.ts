import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ageProgram } from "../../servers/ciphertext-tools.ts";

const run = promisify(execFile);

/** An age identity of the real tool, and whom to encrypt for. */
export interface AgePair {
  /** The identity file. */
  readonly file: string;
  readonly identity: string;
  readonly recipient: string;
}

/** Makes a pair; `-pq` for the hybrid of ML-KEM-768 and X25519. */
export async function makeAgePair(...args: readonly string[]): Promise<AgePair> {
  const { stdout: file } = await run(await ageProgram("age-keygen"), [...args]);
  const identity = /AGE-SECRET-KEY-\S+/.exec(file)?.[0] ?? "";
  const recipient = /public key: (\S+)/.exec(file)?.[1] ?? "";
  return { file, identity, recipient };
}
