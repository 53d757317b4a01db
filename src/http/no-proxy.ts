import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Says whether a host is reached without a proxy. */
export type NoProxy = (host: string, port: string) => boolean;

/**
 * `NO_PROXY` as Go reads it (https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config): `*`, addresses and CIDRs (which
 * match addresses only, no name is looked up), names with everything below them, `.name` with what is below it only; each
 * may end with `:port`. `localhost` and loopback addresses never go through a proxy. What cannot be read matches nothing.
 */
export function parseNoProxy(text: string): NoProxy {
  const rules = text
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .map(ruleOf);
  return (host, port) => {
    const name = host.toLowerCase().replace(/\.$/, "");
    return isLoopback(name) || rules.some((matches) => matches(name, port));
  };
}

function ruleOf(entry: string): NoProxy {
  if (entry === "*") return () => true;
  const range = rangeOf(entry);
  if (range !== undefined) return (host) => isIP(host) !== 0 && contains(range, ipaddr.process(host));
  const [, bracketed, plain = "", port = ""] =
    /^(?:\[([^\]]+)\]|([^:]*|[^:]*:[^:]*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? plain).replace(/^\*(?=\.)/, "").replace(/\.$/, "");
  if (name === "" || name === ".") return () => false;
  const fits = (asked: string) => port === "" || port === asked;
  if (isIP(name) !== 0) {
    const wanted = ipaddr.process(name).toString();
    return (host, asked) => fits(asked) && isIP(host) !== 0 && ipaddr.process(host).toString() === wanted;
  }
  if (name.startsWith(".")) return (host, asked) => fits(asked) && host.endsWith(name);
  return (host, asked) => fits(asked) && (host === name || host.endsWith(`.${name}`));
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

function rangeOf(entry: string): Range | undefined {
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined;
}

function contains([base, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return base.kind() === address.kind() && address.match([base, bits] as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || (isIP(host) !== 0 && ipaddr.process(host).range() === "loopback");
}
