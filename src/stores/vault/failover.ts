import { ProviderError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage } from "../../http/not-from-store.ts";
import type { VaultCall, VaultClient } from "./client.ts";
import { complaintOf, isForeign, isInactive } from "./complaint.ts";

/** How the servers of one cluster are found and reached. */
export interface ServerOptions {
  /** Addresses in the order in which they are tried; asked for each call. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  client(address: string): Promise<VaultClient>;
  readonly patience?: Patience;
}

/** How long one server is waited for while another is left to be asked, in milliseconds. */
interface Patience {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** For an answer. Longer: a read may make a lease, and a slow server is no dead one. */
  readonly answerMs: number;
}

/** The outcome of a call at one server. */
type Tried =
  | { readonly answer: HttpAnswer; readonly elsewhere: boolean }
  | { readonly thrown: unknown; readonly elsewhere: boolean };

const usualPatience: Patience = { connectMs: 3_000, answerMs: 10_000 };

/**
 * A client of several servers that are as good as each other: where one is out, sealed or a standby that sends nobody on,
 * the next is asked within the call, and the one that answered last is asked first the next time. A call that must not
 * arrive twice goes on only where the first server certainly did nothing. Where all fail, the first one's failure counts.
 */
export function createFailover({ list, client, patience = usualPatience }: ServerOptions): VaultClient {
  let last: string | undefined;
  return async (call) => {
    const addresses = preferred(await list(call.signal), last);
    let failure: Tried | undefined;
    for (const [at, address] of addresses.entries()) {
      const tried = await tryOne(await client(address), call, at + 1 < addresses.length ? patience : undefined);
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

async function tryOne(client: VaultClient, call: VaultCall, patience: Patience | undefined): Promise<Tried> {
  let reached = false;
  const onReach = () => {
    reached = true;
    call.onReach?.();
  };
  const limit = limitOf(call, patience, () => reached);
  try {
    const answer = await client({ ...call, signal: limit.signal, onReach });
    return { answer, elsewhere: isInactive(answer) || (call.resend && isOut(answer)) };
  } catch (thrown) {
    return { thrown, elsewhere: (call.resend || !reached) && isOutage(thrown) };
  } finally {
    limit.end();
  }
}

/** The call's signal, which also ends a try that took too long where going on elsewhere is then still allowed. */
function limitOf({ signal, resend }: VaultCall, patience: Patience | undefined, hasReached: () => boolean) {
  if (patience === undefined) return { signal, end: () => undefined };
  const late = new AbortController();
  const timers = [
    setTimeout(() => hasReached() || late.abort(), patience.connectMs),
    setTimeout(() => resend && late.abort(), patience.answerMs),
  ];
  return { signal: AbortSignal.any([signal, late.signal]), end: () => timers.forEach(clearTimeout) };
}

/** Decides whether a balancer or proxy answered in the server's place. */
function isOut(answer: HttpAnswer): boolean {
  const { status, body } = answer;
  if ((status >= 502 && status <= 504) || isWebPage(answer)) return true;
  return (status < 200 || status > 299) && isForeign(answer, complaintOf(body));
}

function isOutage(thrown: unknown): boolean {
  return thrown instanceof ProviderError && thrown.reason === "outage";
}
