import { parseGoBool } from "../../config/go-bool.ts";
import { flag, list, url, type ValueType } from "../../config/values.ts";
import { Redacted } from "../../redacted.ts";

/** A switch as Go reads one, so that what worked in a flag or variable of today's provider goes on working. */
export const goFlag: ValueType<boolean> = {
  allowed: "true or false (also 1, t, T, TRUE, True, 0, f, F, FALSE, False)",
  parse: (value) => flag.parse(value) ?? parseGoBool(value),
};

/** Address of a Vault server or agent: as `url`, or a Unix socket. */
export const serverAddress: ValueType<string> = {
  placeholder: "<address>",
  allowed: "an http:// or https:// URL without user name, query or fragment, or unix:///path",
  parse: (value) => (/^unix:\/\/\/./.test(value) ? value : url.parse(value)),
};

/** Addresses of the servers of one cluster. */
export const serverAddresses: ValueType<readonly string[]> = {
  ...list(serverAddress),
  parse(value) {
    const parsed = list(serverAddress).parse(value);
    return parsed?.length === 0 ? undefined : parsed;
  },
};

/** Go's `rate:burst`, or a rate alone, which is then also the burst. */
export const rateLimit: ValueType<{ readonly perSecond: number; readonly burst: number }> = {
  placeholder: "<rate[:burst]>",
  allowed: "requests per second, with a burst after a colon if you like, such as 10:20",
  parse(value) {
    const match = /^\+?((?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:e[+-]?\d)?)(?::(\d{1,9}))?$/i.exec(value);
    const perSecond = Number(match?.[1]);
    const burst = Number(match?.[2] ?? Math.trunc(perSecond));
    return perSecond > 0 && perSecond < 1e10 && burst >= 1 ? { perSecond, burst } : undefined;
  },
};

/** Extra headers as a JSON object of texts; those that the servers give a meaning to (`X-Vault-`) are not allowed. */
export const headers: ValueType<ReadonlyMap<string, string>> = {
  placeholder: "<json>",
  allowed: "a JSON object of header names and their texts, without names that start with X-Vault-",
  parse(value) {
    const entries = entriesOf(value);
    const good = entries?.every(
      ([name, text]) =>
        /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
        !/^x-vault-/i.test(name) &&
        typeof text === "string" &&
        /^[\t\x20-\x7e]*$/.test(text),
    );
    return good === true ? new Map(entries as [string, string][]) : undefined;
  },
};

function entriesOf(json: string): readonly [string, unknown][] | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? Object.entries(parsed) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Certificates as PEM text. */
export const pemText: ValueType<string> = {
  placeholder: "<pem>",
  allowed: "certificates that begin with -----BEGIN CERTIFICATE-----",
  parse: (value) => (value.includes("-----BEGIN CERTIFICATE-----") ? value : undefined),
};

/** A private key as PEM text, which nothing shows. */
export const pemKey: ValueType<Redacted<string>> = {
  placeholder: "<pem>",
  allowed: "a private key that begins with -----BEGIN ... PRIVATE KEY-----",
  parse: (value) => (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value) ? new Redacted(value) : undefined),
};
