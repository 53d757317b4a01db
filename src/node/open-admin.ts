import type { Config } from "../config/config.ts";
import type { WatchedKeys } from "../kubernetes/token-keys.ts";
import type { Metrics } from "../metrics.ts";
import type { AdminServer } from "../server/admin.ts";
import type { ServedMetrics } from "../server/metrics/served-metrics.ts";
import type { Wire } from "../server/wire.ts";

/** The metrics of this process; undefined where `--admin-listen` is off, and then nothing is loaded or counted. */
export async function openMetrics(
  { adminListen, providers }: Config,
  version: string,
  metrics: Metrics,
): Promise<ServedMetrics | undefined> {
  if (adminListen === null) return undefined;
  const { serveMetrics } = await import("../server/metrics/served-metrics.ts");
  return serveMetrics({ metrics, version, dialects: providers });
}

/** The parts of the process that the admin server reports on. */
export interface AdminParts {
  readonly wire: Wire;
  readonly socketPaths: readonly string[];
  readonly metrics: Metrics;
  readonly served: ServedMetrics | undefined;
  readonly tokenKeys: Pick<WatchedKeys, "state">;
}

/** Serves health, readiness and metrics; undefined where that is off. Throws `SocketError`. */
export async function openAdmin(config: Config, parts: AdminParts): Promise<AdminServer | undefined> {
  const { adminListen, providers, tokenRequests } = config;
  const { wire, socketPaths, metrics, served, tokenKeys } = parts;
  if (adminListen === null || served === undefined) return undefined;
  const { serveAdmin } = await import("../server/admin.ts");
  const { SocketProbes } = await import("../server/readiness.ts");
  const { countTokens, tokenNote } = await import("../server/token-note.ts");
  const { countUnproved, proofNote } = await import("../server/proof-note.ts");
  const probes = new SocketProbes(wire, socketPaths);
  const [tokens, unproved] = [countTokens(metrics), countUnproved(metrics)];
  const server = await serveAdmin(adminListen, {
    metrics: () => served.read(),
    readiness: async () => {
      const { ready, lines } = await probes.check();
      // Latchkey asks for the tokens itself.
      const note = tokenRequests ? [] : tokenNote(providers, tokens);
      return { ready, lines: [...lines, ...note, ...proofNote(tokenKeys.state, unproved.inARow)] };
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
