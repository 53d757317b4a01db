import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { AuditFile, type AuditFileRules } from "../../src/audit/audit-file.ts";
import { AuditLog } from "../../src/audit/audit-log.ts";
import type { AuditHead } from "../../src/audit/chain.ts";
import type { AuditEntry } from "../../src/audit/entry.ts";
import { AuditShares } from "../../src/audit/shares.ts";
import { type AuditReport, AuditVerifier, type Expected } from "../../src/audit/verify.ts";
import { createLogger } from "../../src/log.ts";
import { Redacted } from "../../src/redacted.ts";
import { VirtualTime } from "../cache/virtual-time.ts";

export const key = new Redacted<Uint8Array>(Buffer.alloc(32, 7));

/** Returns the entry of a mount, with a number to tell it by. */
export function entry(at: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    time: new Date(1_700_000_000_000 + at).toISOString(),
    ...{ dialect: "vault", namespace: "shop", serviceAccount: "web", secretProviderClass: "db", proved: true },
    pod: { name: `web-${at}`, uid: `uid-${at}` },
    result: "ok",
    objects: [{ store: "vault", ref: "secret/data/db", version: "3", answer: "cached" }],
    ...more,
  };
}

/** A directory of one test, with an audit file in it. */
export async function place() {
  const directory = await mkdtemp(join(tmpdir(), "lk-audit-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "audit.log");
  const messages: string[] = [];
  const log = createLogger("info", { write: (line) => messages.push(line) });
  return {
    path,
    messages,
    /** As one process writes it. */
    start: async (rules: Partial<AuditFileRules> & { readonly chained?: boolean } = {}) => {
      const { chained = true, ...more } = rules;
      const file = await AuditFile.open({ path, mostBytes: 1_000_000, keep: 3, log, ...more });
      const { mostBytes = 1_000_000, keep = 3 } = more;
      const shares = new AuditShares(new VirtualTime(), mostBytes * (keep + 1));
      const audit = await AuditLog.open(file, { key: chained ? key : undefined, log, shares });
      onTestFinished(() => audit.close());
      return audit;
    },
    lines: async (name = path) => (await readFile(name, "utf8")).split("\n").slice(0, -1),
  };
}

/** Returns what the verifier says of lines of one file. */
export function reportOf(
  lines: readonly string[],
  heads: readonly AuditHead[] = [],
  more: Partial<Expected> = {},
): AuditReport {
  const verifier = new AuditVerifier({ key, heads, ...more });
  for (const [index, text] of lines.entries()) verifier.add(text, "file", index + 1);
  return verifier.report();
}
