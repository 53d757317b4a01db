import { createReadStream } from "node:fs";
import type { AuditHead } from "../audit/chain.ts";
import { readAuditLines } from "../audit/read-lines.ts";
import { type AuditReport, AuditVerifier } from "../audit/verify.ts";
import { ConfigError } from "../config/config-error.ts";
import { printable } from "../lint/formats/human.ts";
import { readAuditKey } from "../node/open-audit.ts";
import { print } from "./terminal.ts";

/** Flags of its own. */
export interface VerifyFlags {
  readonly keyFile: string;
  readonly head?: readonly string[];
  readonly after?: string;
  readonly mixed?: boolean;
}

/** Verifies audit files and prints what is wrong with them, and the head. Gives the exit code: 0, or 1 with findings. Throws `ConfigError`. */
export async function verifyAudit(
  files: readonly string[],
  { keyFile, head = [], after, mixed = false }: VerifyFlags,
): Promise<number> {
  const key = await readAuditKey(keyFile, "--key-file");
  const verifier = new AuditVerifier({
    ...{ key, heads: head.map((text) => readHead(text, "--head")), mixed },
    after: after === undefined ? undefined : readHead(after, "--after"),
  });
  for (const file of files) await readLines(file, verifier, mixed);
  const report = verifier.report();
  await print(told(report));
  return report.findings.length === 0 ? 0 : 1;
}

async function readLines(file: string, verifier: AuditVerifier, mixed: boolean): Promise<void> {
  const input: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
  try {
    let number = 0;
    for await (const line of readAuditLines(input)) {
      number += 1;
      if (!mixed || line.startsWith('{"audit":1,')) verifier.add(line, file, number);
    }
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${file} cannot be read (${code ?? name}); check the path and its permissions`);
  }
}

const headForm = /^([0-9a-f-]{36}):(\d{1,15}):([\w-]{43})$/;

function readHead(text: string, flag: string): AuditHead {
  const [, boot, seq, mac] = headForm.exec(text) ?? [];
  if (boot !== undefined && seq !== undefined && mac !== undefined) return { boot, seq: Number(seq), mac };
  throw new ConfigError(
    `${flag}: write it as boot:seq:mac, as \`auditHead\` in Latchkey's log and latchkey audit verify show it`,
  );
}

function told({ lines, findings, head }: AuditReport): string {
  const found = findings.map(({ file, line, what }) => `${file}:${line}: ${what}`);
  const end = head === undefined ? [] : [`head: ${head.boot}:${head.seq}:${head.mac}`];
  const sum = `${lines} lines, ${findings.length === 0 ? "nothing" : findings.length} wrong`;
  return `${[...found, sum, ...end].map(printable).join("\n")}\n`;
}
