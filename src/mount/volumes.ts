import { Ledger, type LedgerPart } from "../cache/ledger.ts";
import { type AskKey, AskKeys, whoOf } from "../fetch/ask-keys.ts";
import type { Fetched } from "../fetch/fetch.ts";
import type { Plan, Source } from "../plan/plan.ts";
import type { Identity, Secret } from "../stores/store.ts";
import type { Offered } from "../sync/offer.ts";

/** The result of a mount. */
export interface MadeAnswer {
  /** How many files, and the bytes of their contents together. */
  readonly files: number;
  readonly bytes: number;
  /** The encoded reply. */
  readonly reply: Buffer;
  /** The outcome for its Kubernetes Secrets, if there are any. */
  readonly offered?: Offered | undefined;
}

/** The state that one identity's mounts of one plan share. */
export interface Volume {
  readonly plan: Plan;
  readonly keyOf: (source: Source) => AskKey;
  /** The key that it is remembered by; absent if it is not remembered. */
  readonly key?: string;
  /** Whose it is. */
  readonly namespace: string;
  /** How often all was forgotten when this was looked up. */
  readonly age: number;
  /** The last answer, and what it was made from. */
  readonly made?: { readonly secrets: ReadonlyMap<string, Secret>; readonly answer: MadeAnswer };
}

/** Longer replies are made anew each time. */
const longestReply = 1024 ** 2;

/** Key and bookkeeping of one secret, roughly. */
const bytesPerSecret = 192;

/** Volumes that were mounted lately, for their next mount: the driver asks for each again and again. */
export class Volumes {
  readonly #keys = new AskKeys();
  readonly #numbers = new WeakMap<Plan, number>();
  readonly #known = new Map<string, Volume>();
  readonly #held: LedgerPart;
  #plans = 0;
  #age = 0;

  /** The ledger says how much is remembered, mostly of replies. */
  constructor(ledger = new Ledger()) {
    this.#held = ledger.part((key) => this.#known.delete(key));
  }

  /** The volume of a plan and an identity. One of an identity that is not proved is not remembered. */
  of(plan: Plan, identity: Identity): Volume {
    const who = whoOf(identity);
    const key = `${this.#numberOf(plan)} ${who}`;
    const known = identity.proved ? this.#known.get(key) : undefined;
    if (known !== undefined) {
      this.#held.use(key);
      return known;
    }
    const volume = { plan, keyOf: this.#keys.forWho(who), age: this.#age, namespace: identity.namespace };
    if (!identity.proved) return volume;
    this.#remember(key, { ...volume, key });
    return { ...volume, key };
  }

  /** Remembers an answer that was made from secrets of the cache, unless something was dropped from there meanwhile. */
  keep(volume: Volume, secrets: ReadonlyMap<string, Secret>, answer: MadeAnswer): void {
    if (volume.key === undefined || volume.age !== this.#age || answer.reply.length > longestReply) return;
    this.#remember(volume.key, { ...volume, made: { secrets, answer } });
  }

  /** Forgets everything: what the cache has dropped shall not stay in a reply. */
  forget(): void {
    this.#age += 1;
    this.#known.clear();
    this.#held.releaseAll();
  }

  #remember(key: string, volume: Volume): void {
    this.#known.set(key, volume);
    this.#held.hold(volume.namespace, key, bytesOf(volume));
  }

  #numberOf(plan: Plan): number {
    const known = this.#numbers.get(plan);
    if (known !== undefined) return known;
    this.#plans += 1;
    this.#numbers.set(plan, this.#plans);
    return this.#plans;
  }
}

/** The answer that was made from these very secrets: nothing else goes into it but the plan. `isFirst`: the volume is new. */
export function answerFrom(
  { made }: Volume,
  { secrets, failures }: Pick<Fetched, "secrets" | "failures">,
  isFirst: boolean,
) {
  // For new pods, and from time to time, the Kubernetes Secrets are offered again, and for that made again.
  if (made?.answer.offered?.due(isFirst) === true) return undefined;
  if (made === undefined || failures.length > 0 || secrets.size !== made.secrets.size) return undefined;
  for (const [id, secret] of secrets) if (!isSame(secret, made.secrets.get(id))) return undefined;
  return made.answer;
}

/** The same object; or, of a search, the same objects by the same names. */
function isSame(one: Secret, other: Secret | undefined): boolean {
  if (one === other) return true;
  const [a, b] = [one.found, other?.found];
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  for (const [name, secret] of a) if (b.get(name) !== secret) return false;
  return true;
}

function bytesOf({ plan, made }: Volume): number {
  let count = plan.secrets.length + 1;
  for (const { found } of made?.secrets.values() ?? []) count += found?.size ?? 0;
  return (made?.answer.reply.length ?? 0) + count * bytesPerSecret;
}
