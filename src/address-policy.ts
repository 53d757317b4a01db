import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { addressForms, refusedName, refusedRange } from "./address-policy/ranges.ts";
import { ProviderError } from "./errors.ts";

/** Which addresses a SecretProviderClass may choose. Addresses that the operator set never come here. */
export interface AddressPolicy {
  /** Throws `LK0022` where `host` (a name, an IP literal without brackets, or `unix:///path`) is refused before any look-up. */
  checkHost(host: string): void;
  /** Throws `LK0022` where a name resolved to an address that is refused; `host` is the name it came from. */
  checkAddress(host: string, address: string): void;
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

interface Allowed {
  readonly ranges: readonly Range[];
  readonly names: ReadonlySet<string>;
  readonly sockets: ReadonlySet<string>;
}

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * The policy of one process: loopback, link-local, unspecified, multicast, broadcast and the clouds' metadata addresses are
 * refused, in IPv6 forms that carry them too, unless `allowed` (`--allow-address`) names them: an IP, a CIDR, a host name or
 * `unix:///path`. Throws `LK0020` for an entry that is none of these.
 */
export function createAddressPolicy(allowed: readonly string[]): AddressPolicy {
  const known = parseAllowed(allowed);
  return {
    checkHost: (host) => checkHost(known, host),
    checkAddress: (host, address) => checkAddress(known, host, address),
  };
}

function checkHost(allowed: Allowed, host: string): void {
  if (host.startsWith("unix:")) {
    if (!allowed.sockets.has(host)) throw refused(host, host, "a Unix socket");
    return;
  }
  const name = normalName(host);
  if (allowed.names.has(name)) return;
  if (ipaddr.isValid(name)) {
    checkAddress(allowed, name, name);
    return;
  }
  const why = refusedName(name);
  if (why !== undefined) throw refused(host, name, why);
}

function checkAddress(allowed: Allowed, host: string, address: string): void {
  if (allowed.names.has(normalName(host))) return;
  if (!ipaddr.isValid(address)) throw refused(host, address, "not an IP address");
  const forms = addressForms(address);
  if (forms.some((form) => allowed.ranges.some((range) => contains(range, form)))) return;
  const why = forms.map(refusedRange).find((reason) => reason !== undefined);
  if (why !== undefined) throw refused(host, address, why);
}

function contains([base, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return base.kind() === address.kind() && address.match([base, bits] as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}

function refused(host: string, address: string, why: string): ProviderError {
  const shown = host.slice(0, 256);
  const through = host === address ? "" : ` (${address})`;
  return new ProviderError(
    "LK0022",
    `the address ${shown}${through} is ${why}, which a SecretProviderClass may not choose`,
    {
      fix: `use another address, or have the operator add --allow-address ${address.slice(0, 256)}`,
    },
  );
}

function normalName(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

function parseAllowed(entries: readonly string[]): Allowed {
  const ranges: Range[] = [];
  const names = new Set<string>();
  const sockets = new Set<string>();
  for (const entry of entries) {
    const range = parseRange(entry);
    if (range !== undefined) ranges.push(range);
    else if (/^unix:\/\/\/./.test(entry)) sockets.add(entry);
    else if (hostName.test(normalName(entry)) && !ipaddr.isValid(entry)) names.add(normalName(entry));
    else throw wrongEntry(entry);
  }
  return { ranges, names, sockets };
}

/** An IP or a CIDR in their usual forms; short and octal forms are refused, for nobody reads them alike. */
function parseRange(entry: string): Range | undefined {
  const [, host = entry, prefix] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (isIP(host) === 0 || host.includes("%")) return undefined;
  const address = ipaddr.parse(host);
  const widest = address.kind() === "ipv4" ? 32 : 128;
  const bits = prefix === undefined ? widest : Number(prefix);
  return bits <= widest ? [address, bits] : undefined;
}

function wrongEntry(entry: string): ProviderError {
  return new ProviderError("LK0020", `the allowed address ${JSON.stringify(entry.slice(0, 256))} cannot be read`, {
    fix: "write an IP (10.0.0.8, fd00::8), a CIDR (10.0.0.0/8), a host name, or unix:///path",
  });
}
