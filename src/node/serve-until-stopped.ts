import type { Config } from "../config/config.ts";
import { createLogger } from "../log.ts";
import { emptyCoreDumps } from "../server/core-dumps.ts";
import { guardProcess } from "../server/process-guard.ts";
import { startService } from "./service.ts";
import { untilStopped } from "./until-stopped.ts";

/** Serves every dialect of the configuration until a signal asks for the stop; gives the exit code. Throws what prevents the start. */
export async function serveUntilStopped(config: Config, version: string): Promise<number> {
  process.umask(0o077);
  const log = createLogger(config.logLevel);
  await emptyCoreDumps(log);
  const stop = untilStopped();
  const guard = guardProcess(log, () => stop.now(1));
  try {
    const service = await startService(config, version, log, guard);
    const { providers, socketDir, deliver } = config;
    log.info({ version, providers, socketDir, deliver, adminPort: service.adminPort }, "serving");
    const exitCode = await stop.asked;
    log.info({ drainMs: config.drain }, "stopping");
    await service.stop();
    log.info("stopped");
    return exitCode;
  } finally {
    guard.release();
    stop.forget();
  }
}
