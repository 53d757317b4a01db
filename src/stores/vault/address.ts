import { ProviderError } from "../../errors.ts";

/**
 * A server's address as `VaultSettings.address` holds it: origin and cleaned base path, no slash at the end.
 * Throws `LK0004` for a Unix socket and `LK0020` for anything else that is not `http(s)://host[:port][/base]`.
 */
export function parseVaultAddress(text: string): string {
  if (/^unix:/i.test(text)) {
    throw new ProviderError("LK0004", "addresses of the form unix:// are not supported yet", {
      fix: "use the server's http or https address",
    });
  }
  const url = URL.parse(text);
  const extras = url === null ? "" : `${url.username}${url.password}${url.search}${url.hash}`;
  if (url === null || !/^https?:$/.test(url.protocol) || extras !== "") {
    throw new ProviderError("LK0020", "the address of the Vault server is not of the form https://host:port", {
      fix: "write https://host[:port][/base], without user, query or fragment",
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+/g, "/").replace(/\/$/, "")}`;
}
