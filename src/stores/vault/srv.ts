import { inTime } from "../in-time.ts";

/** Looks SRV records up, as `dns.promises.resolveSrv` does. */
export type ResolveSrv = (name: string) => Promise<
  readonly {
    readonly name: string;
    readonly port: number;
    readonly priority: number;
    readonly weight: number;
  }[]
>;

/**
 * The servers behind an address: those of the SRV record `_http._tcp.<host>` where the address names no port, best first;
 * else, and where there is no such record, the address itself. Throws `LK0030` where `signal` ends the waiting.
 */
export async function serversOf(address: string, resolve: ResolveSrv, signal: AbortSignal): Promise<readonly string[]> {
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol) || url.port !== "") return [address];
  const start = () => resolve(`_http._tcp.${url.hostname}`).catch(none);
  const records = await inTime(start, signal, `the look-up of SRV records of ${url.hostname}`);
  const sorted = [...records].sort((a, b) => a.priority - b.priority || b.weight - a.weight);
  const base = url.pathname.replace(/\/$/, "");
  const servers = sorted.map(({ name, port }) => URL.parse(`${url.protocol}//${name.replace(/\.$/, "")}:${port}`));
  const found = servers.flatMap((server) => (server === null ? [] : [`${server.origin}${base}`]));
  return found.length === 0 ? [address] : found;
}

/** As Vault's own client: a look-up that fails is none. */
function none(): readonly never[] {
  return [];
}
