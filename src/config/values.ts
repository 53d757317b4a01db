import { isIP } from "node:net";
import { posix } from "node:path";

/** Reads one option's text. `allowed` completes the sentence "allowed: ..."; `parse` gives undefined for what is not. */
export interface ValueType<T> {
  /** Shown in `--help` as the option's argument; absent for switches. */
  readonly placeholder?: string;
  readonly allowed: string;
  /** True where a config file may write a YAML list. */
  readonly isList?: true;
  parse(text: string): T | undefined;
}

/** Any text but the empty one. */
export const text: ValueType<string> = {
  placeholder: "<text>",
  allowed: "any text that is not empty",
  parse: (value) => (value === "" ? undefined : value),
};

/** A path, absolute or relative to the working directory. */
export const path: ValueType<string> = { ...text, placeholder: "<path>", allowed: "a path" };

/** A path from the root. */
export const absolutePath: ValueType<string> = {
  placeholder: "<path>",
  allowed: "an absolute path",
  parse: (value) => (value.startsWith("/") ? value : undefined),
};

/** A directory from the root, without `..` and without a slash at its end. */
export const directory: ValueType<string> = {
  ...absolutePath,
  parse: (value) => (value.startsWith("/") ? posix.resolve(value) : undefined),
};

/** `true` or `false` in any case, as AWS's SDKs read them; as a flag also without a value. */
export const flag: ValueType<boolean> = {
  allowed: "true or false",
  parse: (value) => (/^true$/i.test(value) ? true : /^false$/i.test(value) ? false : undefined),
};

/** An `http:` or `https:` URL without user, query or fragment; a trailing slash is dropped. */
export const url: ValueType<string> = {
  placeholder: "<url>",
  allowed: "an http:// or https:// URL without user name, query or fragment",
  parse(value) {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return undefined;
    if (parsed.username !== "" || parsed.password !== "" || /[?#]/.test(value)) return undefined;
    return value.replace(/\/+$/, "");
  },
};

/** A URL that a token is sent to: over TLS, or not beyond this host. */
export const tokenUrl: ValueType<string> = {
  placeholder: "<url>",
  allowed:
    "an https:// URL without user name, query or fragment; http:// only for a loopback host, because the token would travel in clear text",
  parse(value) {
    const parsed = url.parse(value);
    if (parsed === undefined) return undefined;
    const { protocol, hostname } = new URL(parsed);
    return protocol === "https:" || loopback.test(hostname) ? parsed : undefined;
  },
};

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const durationUnits = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["\u00b5s", 1e-3],
  ["\u03bcs", 1e-3],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Node fires timers above 2^31-1 ms at once, so no duration goes beyond it (https://nodejs.org/api/timers.html). */
const longestDuration = 2 ** 31 - 1;

/** One number of a duration with its unit (https://pkg.go.dev/time#ParseDuration). */
const durationPart = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;

/** More than any duration has, in characters. */
const longestText = 64;

function partsOf(value: string): readonly (readonly [count: number, unit: string])[] | undefined {
  const text = value.slice(0, longestText + 1).replace(/^\+/, "");
  const parts = [...text.matchAll(durationPart)];
  const isWhole = text.length <= longestText && parts.reduce((sum, [part]) => sum + part.length, 0) === text.length;
  return isWhole && parts.length > 0 ? parts.map(([, count, unit = ""]) => [Number(count), unit]) : undefined;
}

/** A duration as Go writes one, in milliseconds. */
export const duration: ValueType<number> = {
  placeholder: "<duration>",
  allowed: "a number with its unit (ms, s, m or h) of at most 24 days, such as 500ms, 10s or 2m",
  parse(value) {
    if (value === "0") return 0;
    const parts = partsOf(value)?.map(([count, unit]) => count * (durationUnits.get(unit) ?? Number.NaN));
    const milliseconds = parts?.reduce((sum, part) => sum + part, 0) ?? Number.NaN;
    return milliseconds <= longestDuration ? Math.round(milliseconds) : undefined;
  },
};

/** The same, but more than nothing. */
export const positiveDuration: ValueType<number> = {
  ...duration,
  allowed: `more than zero: ${duration.allowed}`,
  parse: (value) => duration.parse(value) || undefined,
};

/** A share, from 0 to 1. */
export const percent: ValueType<number> = {
  placeholder: "<percent>",
  allowed: "a share from 0% to 100%, such as 5%",
  parse(value) {
    const count = Number(/^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(value)?.[1] ?? Number.NaN);
    return count <= 100 ? count / 100 : undefined;
  },
};

const byteUnits = new Map([
  ["", 1],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
]);

/** A number of bytes, at least one. */
export const bytes: ValueType<number> = {
  placeholder: "<bytes>",
  allowed: "a whole number of bytes from 1, or with KiB, MiB or GiB, such as 4MiB",
  parse(value) {
    const match = /^(\d{1,12})(|KiB|MiB|GiB)$/.exec(value);
    const count = Number(match?.[1]) * (byteUnits.get(match?.[2] ?? "none") ?? Number.NaN);
    return Number.isSafeInteger(count) && count > 0 ? count : undefined;
  },
};

/** A whole number within bounds, both included. */
export function integer(least: number, most: number): ValueType<number> {
  return {
    placeholder: "<number>",
    allowed: `a whole number from ${least} to ${most}`,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= least && number <= most ? number : undefined;
    },
  };
}

/** One of the given words. */
export function choice<const T extends string>(...words: readonly T[]): ValueType<T> {
  return {
    placeholder: `<${words.join("|")}>`,
    allowed: words.join(", "),
    parse: (value) => words.find((word) => word === value),
  };
}

/** The same, with the words in any case. */
export function caseless<T extends string>(words: ValueType<T>): ValueType<T> {
  return { ...words, parse: (value) => words.parse(value.toLowerCase()) };
}

/** Several values of a type, separated by commas, each once; empty text is the empty list. */
export function list<T>(type: ValueType<T>): ValueType<readonly T[]> {
  return {
    placeholder: `<${(type.placeholder ?? "value").replace(/[<>]/g, "")},...>`,
    allowed: `a list separated by commas, of: ${type.allowed}`,
    isList: true,
    parse(value) {
      const parts = value.split(",").map((part) => part.trim());
      const parsed = value.trim() === "" ? [] : parts.map((part) => type.parse(part));
      return parsed.every((part) => part !== undefined) ? [...new Set(parsed)] : undefined;
    },
  };
}

/** Where to listen: `host:port`, `[v6]:port`, or `off`, which gives null. */
export const listenAddress: ValueType<{ readonly host: string; readonly port: number } | null> = {
  placeholder: "<host:port|off>",
  allowed: "off, or host:port such as 127.0.0.1:8080",
  parse(value) {
    if (value === "off") return null;
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value);
    const port = Number(match?.[3]);
    const host = match?.[1] ?? match?.[2];
    return host !== undefined && port <= 65_535 ? { host, port } : undefined;
  },
};

/** A host to put into a URL, with or without a port; an IPv6 address gets its brackets. */
export const urlHost: ValueType<string> = {
  placeholder: "<host>",
  allowed: "a host name or address, with or without a port",
  parse(value) {
    const host = isIP(value) === 6 ? `[${value}]` : value;
    const isHost = /^(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(host);
    return isHost && URL.canParse(`http://${host}`) ? host : undefined;
  },
};

/** A proxy, as Go takes it: a host and port alone are one for `http://`. */
export const proxyUrl: ValueType<string> = {
  placeholder: "<url>",
  allowed: "an http:// or https:// URL of a proxy, or host:port",
  parse(value) {
    const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    const parsed = URL.parse(text);
    return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== "" ? text : undefined;
  },
};
