import { catalogue, ProviderError } from "../errors.ts";

/** Why an endpoint is not asked: the last failure to reach it, and since when it fails. Nothing of it is one caller's own. */
export interface Outage {
  readonly error: ProviderError;
  /** By `Clock.now`. */
  readonly since: number;
}

/** The state of an endpoint that is not asked now. */
interface Silence {
  /** Where it is, for people. */
  readonly place: string;
  /** Undefined if it has kept somebody waiting, and has not failed yet. */
  readonly outage: Outage | undefined;
  readonly now: number;
  /** In milliseconds, until a call may go out again. */
  readonly wait: number;
}

/**
 * The error of a call that does not go out because others could not reach the store: the last cause by its id and the
 * store's code, never by its message, which can name what somebody else asked for.
 */
export function notAsked({ place, outage, now, wait }: Silence): ProviderError {
  const again = `it is tried again ${wait < 1_000 ? "within a second" : `in ${Math.ceil(wait / 1_000)} s`}`;
  if (outage === undefined) {
    return new ProviderError("LK0030", `${place} keeps calls waiting; ${again}`, {
      fix: "find out why the store is slow, or what slows the way from this node to it",
    });
  }
  const { id, details } = outage.error;
  const code = details.storeCode === undefined ? "" : ` (${details.storeCode})`;
  const seconds = Math.round((now - outage.since) / 1_000);
  const since = `for ${seconds < 1 ? "less than a second" : `${seconds} s`} now`;
  return new ProviderError(id, `${catalogue[id].title}${code}: ${place}, ${since}; ${again}`, {
    fix: fixes.get(id) ?? "check that the store runs and that this node may reach it",
    storeCode: details.storeCode,
  });
}

const fixes: ReadonlyMap<string, string> = new Map([
  ["LK0039", "name the CA that signed the store's certificate, or correct the address"],
  ["LK0041", "unseal the server, or use the address of the active one"],
]);
