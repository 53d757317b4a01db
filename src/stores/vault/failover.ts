import { ProviderError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/message.ts";
import type { VaultCall, VaultClient } from "./client.ts";
import { isInactive } from "./complaint.ts";

/** How the servers of one cluster are found and reached. */
export interface ServerOptions {
  /** Addresses in the order in which they are tried; asked for each call. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  client(address: string): Promise<VaultClient>;
  /** How long one server may take while another is left to be asked, in milliseconds. */
  readonly tryMs?: number;
}

/** What became of a call at one server. */
type Tried =
  | { readonly answer: HttpAnswer; readonly elsewhere: boolean }
  | { readonly thrown: unknown; readonly elsewhere: boolean };

const usualTryMs = 3_000;

/**
 * A client of several servers that are as good as each other: where one is out, sealed or a standby that sends nobody on,
 * the next is asked within the call, and the one that answered last is asked first the next time. A call that must not
 * arrive twice goes on only where the first server certainly did nothing. Where all fail, the first one's failure counts.
 */
export function createFailover({ list, client, tryMs = usualTryMs }: ServerOptions): VaultClient {
  let last: string | undefined;
  return async (call) => {
    const addresses = preferred(await list(call.signal), last);
    let failure: Tried | undefined;
    for (const [at, address] of addresses.entries()) {
      const tried = await tryOne(await client(address), call, at + 1 < addresses.length ? tryMs : undefined);
      if (!tried.elsewhere) {
        last = address;
        return settle(tried);
      }
      failure ??= tried;
      if (call.signal.aborted) break;
    }
    return settle(failure ?? { thrown: new TypeError("no server to ask"), elsewhere: false });
  };
}

function preferred(addresses: readonly string[], last: string | undefined): readonly string[] {
  if (last === undefined || !addresses.includes(last)) return addresses;
  return [last, ...addresses.filter((address) => address !== last)];
}

function settle(tried: Tried): HttpAnswer {
  if ("answer" in tried) return tried.answer;
  throw tried.thrown;
}

async function tryOne(client: VaultClient, call: VaultCall, limitMs: number | undefined): Promise<Tried> {
  let reached = false;
  const onReach = () => {
    reached = true;
    call.onReach?.();
  };
  const patience = patienceOf(call.signal, limitMs, () => call.resend || !reached);
  try {
    const answer = await client({ ...call, signal: patience.signal, onReach });
    return { answer, elsewhere: isInactive(answer) || (call.resend && isOut(answer.status)) };
  } catch (thrown) {
    return { thrown, elsewhere: (call.resend || !reached) && isOutage(thrown) };
  } finally {
    patience.end();
  }
}

/** A signal that ends a try after `limitMs` as well, where going on elsewhere is then still allowed. */
function patienceOf(signal: AbortSignal, limitMs: number | undefined, mayLeave: () => boolean) {
  if (limitMs === undefined) return { signal, end: () => undefined };
  const late = new AbortController();
  const timer = setTimeout(() => mayLeave() && late.abort(), limitMs);
  return { signal: AbortSignal.any([signal, late.signal]), end: () => clearTimeout(timer) };
}

/** What a balancer says in a server's place. */
function isOut(status: number): boolean {
  return status >= 502 && status <= 504;
}

function isOutage(thrown: unknown): boolean {
  return thrown instanceof ProviderError && thrown.reason === "outage";
}
