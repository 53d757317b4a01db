import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The ranges that no SecretProviderClass may reach, and how messages name each. */
const refusedRanges: readonly (readonly [cidr: string, why: string])[] = [
  ["100.100.100.200/32", "a cloud's metadata service"],
  ["168.63.129.16/32", "a cloud's metadata service"],
  ["169.254.169.254/32", "a cloud's metadata service"],
  ["169.254.170.2/32", "a cloud's metadata service"],
  ["169.254.170.23/32", "a cloud's metadata service"],
  ["192.0.0.192/32", "a cloud's metadata service"],
  ["fd00:ec2::254/128", "a cloud's metadata service"],
  ["fd00:ec2::23/128", "a cloud's metadata service"],
  ["fd20:ce::254/128", "a cloud's metadata service"],
  ["0.0.0.0/8", "an unspecified address"],
  ["127.0.0.0/8", "a loopback address"],
  ["169.254.0.0/16", "a link-local address"],
  ["224.0.0.0/4", "a multicast address"],
  ["255.255.255.255/32", "the broadcast address"],
  ["::/128", "an unspecified address"],
  ["::1/128", "a loopback address"],
  ["fe80::/10", "a link-local address"],
  ["ff00::/8", "a multicast address"],
];

const metadataNames = [
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
];

/**
 * IPv6 forms that carry an IPv4 address, and the byte where it starts: mapped, compatible and translated
 * (RFC 4291, RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo's server (RFC 4380).
 */
const carriers: readonly (readonly [cidr: string, offset: number])[] = [
  ["::ffff:0:0/96", 12],
  ["::/96", 12],
  ["::ffff:0:0:0/96", 12],
  ["64:ff9b::/96", 12],
  ["64:ff9b:1::/48", 12],
  ["2002::/16", 2],
  ["2001::/32", 4],
];

/** Says why a host name is refused before it is looked up; undefined if it is not. `name` is in lower case. */
export function refusedName(name: string): string | undefined {
  if (name === "localhost" || name.endsWith(".localhost")) return "a loopback address";
  return metadataNames.includes(name) ? "a cloud's metadata service" : undefined;
}

/** The range that refuses an address, in words; undefined where none does. */
export function refusedRange(address: Address): string | undefined {
  return refusedRanges.find(([cidr]) => matches(address, cidr))?.[1];
}

/** An address and every IPv4 address that it carries. `text` must be an IP. */
export function addressForms(text: string): readonly Address[] {
  const address = ipaddr.parse(text.replace(/%.*$/, ""));
  if (address.kind() === "ipv4") return [address];
  const bytes = address.toByteArray();
  const carried = carriers
    .filter(([cidr]) => matches(address, cidr))
    .map(([, offset]) => ipaddr.fromByteArray(bytes.slice(offset, offset + 4)));
  const teredo = matches(address, "2001::/32")
    ? [ipaddr.fromByteArray(bytes.slice(12).map((byte) => byte ^ 0xff))]
    : [];
  return [address, ...carried, ...teredo];
}

function matches(address: Address, cidr: string): boolean {
  const range = ipaddr.parseCIDR(cidr);
  return range[0].kind() === address.kind() && address.match(range as [ipaddr.IPv4 & ipaddr.IPv6, number]);
}
