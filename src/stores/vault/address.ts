import { posix } from "node:path";
import { ProviderError } from "../../errors.ts";
import { unclearText } from "../../formats/plain-path.ts";

/**
 * A server's address as `VaultSettings.addresses` holds it: origin and cleaned base path without a slash at the end, or
 * `unix://` and the cleaned path of a socket. Throws `LK0020` for anything else.
 */
export function parseVaultAddress(text: string): string {
  const unclear = unclearText(text.trim());
  if (unclear !== undefined) {
    throw new ProviderError("LK0020", `the address of the Vault server ${unclear}`, {
      fix: "write https://host[:port][/base] or unix:///path in plain characters",
    });
  }
  if (/^unix:/i.test(text)) return parseSocket(text);
  const url = URL.parse(text);
  const extras = url === null ? "" : `${url.username}${url.password}${url.search}${url.hash}`;
  if (url === null || !/^https?:$/.test(url.protocol) || extras !== "") {
    throw new ProviderError("LK0020", "the address of the Vault server is not of the form https://host:port", {
      fix: "write https://host[:port][/base], without user, query or fragment, or unix:///path",
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+/g, "/").replace(/\/$/, "")}`;
}

/** The server of an address that need not be valid: `host:port`, without scheme, path and the dot of a full name; else the text. */
export function serverOf(address: string): string {
  const { protocol, hostname, port } = URL.parse(address.trim()) ?? { protocol: "", hostname: "", port: "" };
  if (hostname === "") return address;
  return `${hostname.replace(/\.$/, "")}:${port || (protocol === "http:" ? 80 : 443)}`;
}

/** The path of a parsed address that is a Unix socket. */
export function socketPathOf(address: string): string | undefined {
  return address.startsWith("unix://") ? address.slice("unix://".length) : undefined;
}

/** The longest path of a socket on Linux, in bytes (https://man7.org/linux/man-pages/man7/unix.7.html). */
const longestSocket = 107;

function parseSocket(text: string): string {
  const [, path = ""] = /^unix:\/\/(\/.+)$/i.exec(text) ?? [];
  const clean = posix.normalize(path);
  const fits = /^\/.*[^/]$/.test(clean) && !/\p{Cc}/u.test(clean) && Buffer.byteLength(clean) <= longestSocket;
  if (fits) return `unix://${clean}`;
  throw new ProviderError("LK0020", "the address of the Vault server is not a Unix socket", {
    fix: `write unix:///path/to.sock, ${longestSocket} bytes of path at most`,
  });
}
