import { systemClock } from "../async/clock.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import type { Logger } from "../log.ts";
import type { Auditing } from "../mount/audit-step.ts";
import { Redacted } from "../redacted.ts";

/** Audited mounts, and how to end that. */
export interface OpenAudit extends Auditing {
  close(): Promise<void>;
}

/** As long as the hash that it keys (https://www.rfc-editor.org/rfc/rfc2104#section-3). */
const leastKey = 32;

/** So often the log is told the head of the chain, in milliseconds. */
const headEvery = 600_000;

/** Opens the audit log where the operator wants one; loaded only then. Throws `ConfigError`. */
export async function openAudit(config: Config, log: Logger): Promise<OpenAudit | undefined> {
  const { audit, auditFile: path, auditKeyFile, auditMaxBytes: mostBytes, auditKeep: keep } = config;
  if (audit === "off" || path === undefined) return undefined;
  const key = auditKeyFile === undefined ? undefined : await readAuditKey(auditKeyFile, flagOf("auditKeyFile"));
  if (key === undefined) log.warn({ path }, "audit lines are not chained: a changed line would go unnoticed");
  const [{ AuditLog }, { AuditShares }] = await Promise.all([
    import("../audit/audit-log.ts"),
    import("../audit/shares.ts"),
  ]);
  const sole = await soleWriterOf(path, log);
  try {
    const shares = new AuditShares(systemClock, mostBytes * (keep + 1));
    const writer = await AuditLog.open(await targetOf(path, { mostBytes, keep, log }), { key, log, shares });
    const cancel = tellHeads(writer);
    const close = async () => {
      cancel();
      await writer.close();
      await sole?.release();
    };
    return { writer, required: audit === "required", close };
  } catch (error) {
    await sole?.release();
    const { code, name } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `${flagOf("auditFile")}: ${path} cannot be written (${code ?? name}); give a file that only Latchkey writes`,
    );
  }
}

/** Tells the head now and from time to time, until it is cancelled. */
function tellHeads(writer: { tellHead(): void }): () => void {
  let cancel: () => void = () => undefined;
  const tell = () => {
    writer.tellHead();
    cancel = systemClock.after(headEvery, tell);
  };
  tell();
  return () => cancel();
}

/** Two writers would cut each other's lines, and neither chain would hold. Where nobody can tell, that is logged. */
async function soleWriterOf(path: string, log: Logger) {
  if (path === "-") return undefined;
  const { becomeSoleWriter } = await import("../audit/sole-writer.ts");
  try {
    return await becomeSoleWriter(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EBUSY") {
      throw new ConfigError(`${flagOf("auditFile")}: another process writes ${path}; give each process its own file`);
    }
    log.warn({ path, code }, "cannot tell whether another process writes the audit file");
    return undefined;
  }
}

/** The key of a chain. Throws `ConfigError`. */
export async function readAuditKey(path: string, setting: string): Promise<Redacted<Uint8Array>> {
  const key = await readOperatorFile(path, setting);
  if (key.length >= leastKey) return new Redacted<Uint8Array>(key);
  throw new ConfigError(`${setting}: ${path} has ${key.length} bytes; give ${leastKey} random bytes or more`);
}

async function targetOf(
  path: string,
  rules: { readonly mostBytes: number; readonly keep: number; readonly log: Logger },
) {
  if (path === "-") return (await import("../audit/audit-output.ts")).auditOutput;
  return await (await import("../audit/audit-file.ts")).AuditFile.open({ path, ...rules });
}
