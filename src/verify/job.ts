import type { Verdict } from "../cache/trial.ts";
import type { VerifyTarget } from "../plan/verify.ts";

/** One credential to try, everything in it text. */
export interface VerifyJob {
  readonly id: number;
  readonly kind: VerifyTarget["kind"];
  /** The name, for the server's certificate. */
  readonly host: string;
  readonly port: number;
  /** The addresses that the name has, each allowed; no other is connected to. */
  readonly addresses: readonly { readonly address: string; readonly family: number }[];
  readonly tls: VerifyTarget["tls"];
  readonly ca?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  /** Of HTTP: path and query, headers, and the codes that let in. */
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly status?: readonly number[] | undefined;
  /** How long it may take, in milliseconds. */
  readonly longest: number;
}

/** The result of a job, with the target's own code: an SQLSTATE, a word, a status. Never a text of the target's. */
export interface VerifyResult {
  readonly id: number;
  readonly verdict: Verdict;
  readonly code?: string | undefined;
}

/** One way to try a credential: tells what came of it, and lets go of its connection when the signal aborts. */
export type Try = (job: VerifyJob, signal: AbortSignal) => Promise<Omit<VerifyResult, "id">>;
