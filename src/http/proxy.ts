import { ProviderError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import { parseNoProxy } from "./no-proxy.ts";

/** Proxies as the operator wrote them. User info in them is shown nowhere. */
export interface ProxySettings {
  /** For every address, `no` or not. */
  readonly all?: string | undefined;
  /** For `http://` addresses. */
  readonly http?: string | undefined;
  /** For `https://` addresses. */
  readonly https?: string | undefined;
  /** Hosts that are reached without one, as Go reads `NO_PROXY`. */
  readonly no?: string | undefined;
}

/** One proxy. */
export interface HttpProxy {
  /** True where the proxy itself is spoken to over TLS. */
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** For messages: `the proxy host:port`. */
  readonly where: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization?: Redacted<string>;
}

/** The proxy for a URL, if any. */
export type ProxyChoice = (url: URL) => HttpProxy | undefined;

/** Which proxy requests take. Throws `LK0020` for a proxy that is no HTTP URL, without quoting it. */
export function chooseProxies(settings: ProxySettings): ProxyChoice {
  const all = parseProxy(settings.all);
  if (all !== undefined) return () => all;
  const [http, https] = [parseProxy(settings.http), parseProxy(settings.https)];
  const direct = parseNoProxy(settings.no ?? "");
  return (url) => {
    const secure = url.protocol === "https:";
    const proxy = secure ? https : http;
    if (proxy === undefined) return undefined;
    return direct(url.hostname.replace(/^\[|\]$/g, ""), url.port || (secure ? "443" : "80")) ? undefined : proxy;
  };
}

function parseProxy(text: string | undefined): HttpProxy | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  // Without a scheme it is http, as in Go.
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()) ? text.trim() : `http://${text.trim()}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") throw wrongProxy();
  const secure = url.protocol === "https:";
  const authorization = authorizationOf(url);
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    where: `the proxy ${url.host}`,
    ...(authorization === undefined ? {} : { authorization }),
  };
}

function authorizationOf({ username, password }: URL): Redacted<string> | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return new Redacted(`Basic ${Buffer.from(pair).toString("base64")}`);
  } catch {
    throw wrongProxy();
  }
}

function wrongProxy(): ProviderError {
  return new ProviderError("LK0020", "the address of a proxy cannot be used", {
    fix: "write the proxy as http://host:port or https://host:port, in the flag or variable that names it; SOCKS is not supported",
  });
}
