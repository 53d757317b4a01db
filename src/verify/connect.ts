import { connect, type LookupFunction, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { VerifyJob } from "./job.ts";

/** A look-up that knows the addresses of the job alone: they were found and allowed outside. */
export function lookupOf({ addresses }: VerifyJob): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (first === undefined) callback(new Error("no address"), "", 4);
    else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

/** Opens a connection to one of the job's addresses; the first that answers counts. */
export function open(job: VerifyJob): Socket {
  return connect({ host: job.host, port: job.port, lookup: lookupOf(job), autoSelectFamily: true });
}

/** How the server's certificate is checked; undefined where there is no TLS. */
export function tlsOf({ tls, ca }: VerifyJob): ConnectionOptions | undefined {
  if (tls === "off") return undefined;
  return { rejectUnauthorized: tls === "verify", ...(ca === undefined ? {} : { ca }) };
}

/** The code of an error, if it is one that can be told: `28P01`, `ECONNREFUSED`. */
export function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,40}$/.test(code) ? code : "FAILED";
}
