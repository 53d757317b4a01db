import type { Config } from "../config/config.ts";
import type { WatchedKeys } from "../kubernetes/token-keys.ts";
import type { AdminServer } from "../server/admin.ts";
import type { ServedMetrics } from "../server/metrics/served-metrics.ts";
import type { MetricsSources } from "../server/metrics/sources.ts";
import type { Wire } from "../server/wire.ts";

/** The metrics of this process; undefined where `--admin-listen` is off, and then nothing is loaded or counted. */
export async function openMetrics(
  { adminListen, providers }: Config,
  version: string,
  sources: MetricsSources,
): Promise<ServedMetrics | undefined> {
  if (adminListen === null) return undefined;
  const { ServedMetrics } = await import("../server/metrics/served-metrics.ts");
  return new ServedMetrics({ version, dialects: providers, sources });
}

/** The parts of the process that the admin server reports on. */
export interface AdminParts {
  readonly wire: Wire;
  readonly socketPaths: readonly string[];
  readonly metrics: ServedMetrics | undefined;
  readonly tokenKeys: Pick<WatchedKeys, "state">;
}

/** Serves health, readiness and metrics; undefined where that is off. Throws `SocketError`. */
export async function openAdmin(config: Config, parts: AdminParts): Promise<AdminServer | undefined> {
  const { adminListen, providers, tokenRequests } = config;
  const { wire, socketPaths, metrics, tokenKeys } = parts;
  if (adminListen === null || metrics === undefined) return undefined;
  const { serveAdmin } = await import("../server/admin.ts");
  const { SocketProbes } = await import("../server/readiness.ts");
  const { tokenNote } = await import("../server/token-note.ts");
  const { proofNote } = await import("../server/proof-note.ts");
  const probes = new SocketProbes(wire, socketPaths);
  const server = await serveAdmin(adminListen, {
    metrics: () => metrics.read(),
    readiness: async () => {
      const { ready, lines } = await probes.check();
      // Latchkey asks for the tokens itself.
      const note = tokenRequests ? [] : tokenNote(providers, metrics.tokens);
      return { ready, lines: [...lines, ...note, ...proofNote(tokenKeys.state, metrics.unprovedInARow)] };
    },
  });
  return {
    port: server.port,
    async close() {
      await server.close();
      probes.close();
    },
  };
}
