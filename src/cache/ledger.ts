import type { Kept } from "./room.ts";
import { Shares } from "./shares.ts";

/** Memory for all that is kept of namespaces beside entries, in bytes: plans, replies, logins, denials, connections. */
const mostHeld = 48 * 1024 ** 2;

/** Something that a part of the process keeps for a namespace. */
interface Account extends Kept {
  readonly part: LedgerPart;
  /** Its key in its part. */
  readonly own: string;
}

/**
 * One account of memory by namespace, for everything that is kept only to be faster the next time. Each part says what it
 * holds for whom. Where all together is too much, the namespace that holds most loses what it used least lately, of
 * whatever part it is: with N namespaces, one that holds no more than the Nth part loses nothing.
 */
export class Ledger {
  readonly #shares: Shares<Account>;
  #parts = 0;

  constructor(mostBytes = mostHeld) {
    this.#shares = new Shares(mostBytes);
  }

  /** The bytes of all parts together. */
  get bytes(): number {
    return this.#shares.bytes;
  }

  /** A part, which lets go of a key when `drop` is called with it. */
  part(drop: (key: string) => void): LedgerPart {
    this.#parts += 1;
    return new LedgerPart(this.#shares, this.#parts, drop);
  }
}

/** The account of one part of the process. */
export class LedgerPart {
  readonly #shares: Shares<Account>;
  readonly #number: number;
  readonly #drop: (key: string) => void;
  /** Keys can be long, and are held once. */
  readonly #held = new Map<string, { readonly namespace: string; readonly account: string }>();
  #count = 0;

  constructor(shares: Shares<Account>, number: number, drop: (key: string) => void) {
    this.#shares = shares;
    this.#number = number;
    this.#drop = drop;
  }

  /** Says that so many bytes are held, in place of what was held by this key. What is too much goes at once, perhaps this. */
  hold(namespace: string, key: string, bytes: number): void {
    this.release(key);
    this.#count += 1;
    const account = `${this.#number} ${this.#count}`;
    this.#held.set(key, { namespace, account });
    this.#shares.add(namespace, { key: account, bytes, issued: false, part: this, own: key });
    for (const gone of this.#shares.makeRoom()) gone.part.#gone(gone.own);
  }

  /** Says that it was used just now. */
  use(key: string): void {
    const held = this.#held.get(key);
    if (held !== undefined) this.#shares.get(held.namespace, held.account);
  }

  /** Says that it is not held any more. */
  release(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#shares.delete(held.namespace, held.account);
  }

  /** Says that nothing is held any more. */
  releaseAll(): void {
    for (const key of [...this.#held.keys()]) this.release(key);
  }

  #gone(key: string): void {
    this.#held.delete(key);
    this.#drop(key);
  }
}
