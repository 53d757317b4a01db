/** Which addresses a SecretProviderClass may choose. */
export interface AddressPolicy {
  /** Throws `LK0022` where `host` (a name or an IP literal, without brackets) is refused before any look-up. */
  checkHost(host: string): void;
  /** Throws `LK0022` where a name resolved to an address that is refused; `host` is the name it came from. */
  checkAddress(host: string, address: string): void;
}
