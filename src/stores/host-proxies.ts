/** Proxies by the scheme of the store's address, as URLs, and the hosts that are reached without one, separated by commas. */
export interface HostProxies {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly no?: string | undefined;
}
