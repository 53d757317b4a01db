import { isIP } from "node:net";
import pg from "pg";
import { codeOf, open, tlsOf } from "./connect.ts";
import type { Try } from "./job.ts";

/**
 * Logs in at a PostgreSQL server. Refused is what its own error says of the credential: class 28, and a database that is not there
 * or not this user's (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
export const tryPostgres: Try = async (job, signal) => {
  const ssl = tlsOf(job);
  const client = new pg.Client({
    ...{ host: job.host, port: job.port, user: job.user ?? "", password: job.password ?? "" },
    ...(job.database === undefined ? {} : { database: job.database }),
    ssl: ssl === undefined ? false : { ...ssl, ...(isIP(job.host) === 0 ? { servername: job.host } : {}) },
    // The client calls `connect` on what it gets; the connection is under way already.
    stream: () => withoutConnect(open(job)),
    application_name: "latchkey",
    connectionTimeoutMillis: job.longest,
  });
  // It may fail after it has answered.
  client.on("error", () => undefined);
  const leave = () => void client.end().catch(() => undefined);
  signal.addEventListener("abort", leave, { once: true });
  try {
    await client.connect();
    return { verdict: "ok" };
  } catch (error) {
    return { verdict: isRefusal(error) ? "refused" : "unreachable", code: codeOf(error) };
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
};

function withoutConnect<S extends object>(socket: S): S {
  return Object.assign(socket, { connect: () => socket });
}

/** A line of pg_hba.conf speaks of where a client comes from, which here is the node and not the pod. */
function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  const isAboutPlace = code === "28000" && (error as { readonly routine?: unknown }).routine === "ClientAuthentication";
  return (/^28[0-9A-Z]{3}$/.test(code) && !isAboutPlace) || code === "3D000" || code === "42501";
}
