import { isIP } from "node:net";
import { createConnection } from "mysql2";
import { codeOf, open, tlsOf } from "./connect.ts";
import type { Try } from "./job.ts";

/**
 * The server's errors that speak of the credential, besides those of SQLSTATE 28000
 * (https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/).
 */
const refusals: ReadonlyMap<number, string> = new Map([
  [1044, "ER_DBACCESS_DENIED_ERROR"],
  [1045, "ER_ACCESS_DENIED_ERROR"],
  [1049, "ER_BAD_DB_ERROR"],
  [1698, "ER_ACCESS_DENIED_NO_PASSWORD_ERROR"],
  [1862, "ER_MUST_CHANGE_PASSWORD_LOGIN"],
  [3118, "ER_ACCOUNT_HAS_BEEN_LOCKED"],
  [4151, "ER_ACCOUNT_HAS_BEEN_LOCKED"],
]);

/** Logs in at a MySQL or MariaDB server. */
export const tryMysql: Try = (job, signal) => {
  const ssl = tlsOf(job);
  // The client would compare the certificate with `localhost`.
  if (job.tls === "verify" && isIP(job.host) !== 0)
    return Promise.resolve({ verdict: "unreachable", code: "TLS_NEEDS_NAME" });
  const connection = createConnection({
    ...{ host: job.host, port: job.port, user: job.user ?? "", password: job.password ?? "" },
    ...(job.database === undefined ? {} : { database: job.database }),
    ...(ssl === undefined ? {} : { ssl: { ...ssl, verifyIdentity: job.tls === "verify" } as object }),
    stream: () => open(job),
    flags: ["-LOCAL_FILES"],
    connectTimeout: job.longest,
  });
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Try>>>();
  const fail = (error: unknown) => {
    const { errno, sqlState } = (error ?? {}) as { readonly errno?: number; readonly sqlState?: string };
    const known = errno === undefined ? undefined : refusals.get(errno);
    const isRefusal = known !== undefined || sqlState === "28000";
    resolve({ verdict: isRefusal ? "refused" : "unreachable", code: known ?? codeOf(error) });
  };
  connection.on("error", fail);
  connection.connect((error) => (error === null ? resolve({ verdict: "ok" }) : fail(error)));
  signal.addEventListener("abort", () => fail(undefined), { once: true });
  return promise.finally(() => connection.destroy());
};
