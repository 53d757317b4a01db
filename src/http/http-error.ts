import { ProviderError, toProviderError } from "../errors.ts";
import { endlessCode } from "./exchange.ts";

/** OpenSSL's verification codes as Node names them (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and Node's own. */
const distrusted =
  /^(UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|ERROR_IN_CERT_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$|ERR_TLS_CERT_ALTNAME_)/;

const otherClock = "renew the server's certificate, or correct the clock of this node";

const trustFixes: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", otherClock],
  ["CERT_NOT_YET_VALID", otherClock],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "use an address that the certificate names, or set the TLS server name"],
]);

/**
 * Returns the error for a failure on the way to `where` (`host:port`), without headers, body or user info: `LK0039` if
 * the certificate is not trusted, `LK0036` if the answer is not HTTP, else `LK0030`. A `ProviderError` and anything
 * that is not an I/O error pass as they are.
 */
export function toHttpError(thrown: unknown, where: string, signal: AbortSignal): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  if (signal.aborted) return outage(`${where} did not answer in time`, "TIMEOUT", reachable);
  const code = codeOf(thrown);
  if (code === undefined) return toProviderError(thrown);
  if (distrusted.test(code)) return untrusted(where, code);
  if (code.startsWith("HPE_")) return notHttp(where, code);
  if (code === endlessCode) return endless(where);
  if (unfit.has(code)) return unsendable();
  const alert = alertOf(thrown);
  if (alert !== undefined) return alerted(where, code, alert);
  return outage(...describe(where, code), thrown);
}

/** The alerts by which a server turns a client's certificate down, or misses one (RFC 8446, 6.2). */
const wantsClient: ReadonlySet<number> = new Set([41, 42, 43, 44, 45, 46, 48, 49, 116]);

/** The number of the TLS alert that the server sent. OpenSSL writes it, whatever code Node makes of the error. */
function alertOf(thrown: unknown): number | undefined {
  const [, number] = (thrown instanceof Error ? /SSL alert number (\d{1,3})/.exec(thrown.message) : undefined) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** An alert is an answer: the server is there, and one caller's certificate or settings can be all that it minds. */
function alerted(where: string, code: string, alert: number): ProviderError {
  const [message, fix] = wantsClient.has(alert)
    ? [`${where} requires a client certificate, or a different one`, "set a client certificate that it accepts"]
    : [
        `${where} refused the TLS connection with alert ${alert}`,
        "check that the server speaks TLS 1.2 or newer at this address, and the client certificate if one is set",
      ];
  return new ProviderError("LK0030", `${message} (${code})`, { storeCode: code, fix, reached: true, unwelcome: true });
}

function endless(where: string): ProviderError {
  return new ProviderError("LK0036", `${where} does not answer, it announces an answer over and over`, {
    storeCode: endlessCode,
    fix: "see what is between this node and the store, or what answers in its place",
  });
}

/** Node's error codes for a request that it refuses to write. */
const unfit: ReadonlySet<string> = new Set([
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_HTTP_INVALID_HEADER_VALUE",
  "ERR_UNESCAPED_CHARACTERS",
]);

/** A name that fails on every address gives an `AggregateError`: the first attempt speaks for all. */
function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

const reachable = "check that the store runs and that this node may reach it";

function describe(where: string, code: string): [message: string, code: string, fix: string] {
  const host = where.replace(/:\d+$/, "");
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) {
    return [`the name ${host} cannot be resolved`, code, "check the address, and that DNS answers on this node"];
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return [`no TLS connection to ${where}`, code, "check that the server speaks TLS 1.2 or newer at this address"];
  }
  const broken = code === "ECONNRESET" || code === "EPIPE" || code === "ERR_STREAM_PREMATURE_CLOSE";
  return [broken ? `the connection to ${where} broke` : `no connection to ${where}`, code, reachable];
}

/** `cause` only where it is the operating system's word: a parser's or a certificate's error holds what was received. */
function outage(message: string, code: string, fix: string, cause?: unknown): ProviderError {
  return new ProviderError("LK0030", `${message} (${code})`, { storeCode: code, fix, cause });
}

function untrusted(where: string, code: string): ProviderError {
  return new ProviderError("LK0039", `the certificate of ${where} is not trusted (${code})`, {
    storeCode: code,
    fix: trustFixes.get(code) ?? "give the CA that signed the server's certificate",
  });
}

function notHttp(where: string, code: string): ProviderError {
  return new ProviderError("LK0036", `${where} did not answer with HTTP (${code})`, {
    storeCode: code,
    fix: "check that the address is the store's and has the right scheme",
  });
}

function unsendable(): ProviderError {
  return new ProviderError("LK0037", "a method, name or token holds a character that HTTP does not allow there", {
    fix: "look for line breaks and other control characters in the settings",
  });
}
