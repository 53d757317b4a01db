import type { ProviderError } from "../errors.ts";
import type { Ledger, LedgerPart } from "./ledger.ts";

interface Denial {
  readonly error: ProviderError;
  /** By `Clock.now`. */
  readonly until: number;
}

/** Bookkeeping of one beside its texts, roughly. */
const overhead = 512;

/** The denials that are answered without asking again, each for its time. A store decides how long its texts are. */
export class Denials {
  readonly #known = new Map<string, Denial>();
  readonly #held: LedgerPart;

  /** The ledger says how many are remembered. */
  constructor(ledger: Ledger) {
    this.#held = ledger.part((key) => this.#known.delete(key));
  }

  /** Throws the error that is remembered for a key, unless its time is over. */
  throwIfRemembered(key: string, now: number): void {
    const denial = this.#known.get(key);
    if (denial === undefined) return;
    this.#held.use(key);
    if (now < denial.until) throw denial.error;
  }

  /** Remembers the denial of a key, for a namespace. */
  set(namespace: string, key: string, denial: Denial): void {
    this.#known.set(key, denial);
    this.#held.hold(namespace, key, bytesOf(denial, key));
  }

  /** Forgets that of a key. */
  delete(key: string): void {
    this.#known.delete(key);
    this.#held.release(key);
  }

  /** Forgets all. */
  clear(): void {
    this.#known.clear();
    this.#held.releaseAll();
  }
}

/** Two bytes a character, as texts beyond Latin-1 take. */
function bytesOf({ error }: Denial, key: string): number {
  const texts = error.singles.map((single) => single.describe().length);
  return overhead + 2 * (key.length + texts.reduce((sum, length) => sum + length, 0));
}
