import { Flights } from "../async/flights.ts";
import { Ledger, type LedgerPart } from "../cache/ledger.ts";
import type { Elsewhere } from "../dialects/class-texts.ts";
import { type PlanInput, planOf } from "../dialects/plan-of.ts";
import { namesOf } from "../fetch/source-names.ts";
import { withGroups } from "../fetch/together.ts";
import type { Plan } from "../plan/plan.ts";

/** The memory that a plan takes beside its parameters, in bytes for each of their characters, at most. */
const bytesPerCharacter = 16;

/**
 * Plans by what they are made from, so that a volume that is mounted by many pods, or again each minute, is read once.
 * A plan holds no identity, no value and no token. An error is not kept.
 */
export class Plans {
  readonly #kept = new Map<string, Plan>();
  readonly #held: LedgerPart;
  /** Many pods of one SecretProviderClass come at once, and its texts are long: they are read once. */
  readonly #making = new Flights<Plan>();
  readonly #elsewhere: (namespace: string) => Promise<Elsewhere>;
  #profiles: unknown;
  #age = 0;

  /** `elsewhere` reads the long texts of a namespace; the ledger says how much is kept. */
  constructor(elsewhere: (namespace: string) => Promise<Elsewhere>, ledger = new Ledger()) {
    this.#elsewhere = elsewhere;
    this.#held = ledger.part((key) => this.#kept.delete(key));
  }

  /** The plan of a SecretProviderClass, its paths checked, at once where it is kept. Throws one `ProviderError` that lists every problem. */
  plan(dialectName: string, input: PlanInput): Plan | Promise<Plan> {
    const { parameters, namespace, mode } = input;
    this.#forgetOf(input.operator.profiles);
    let key = `${dialectName} ${namespace} ${mode}`;
    // Lengths keep the parts apart. The driver sends parameters in order; in another order they are another key.
    for (const [name, value] of parameters) key += ` ${name.length} ${value.length} ${name}${value}`;
    this.#held.use(key);
    return this.#kept.get(key) ?? this.#making.join(`${this.#age} ${key}`, () => this.#make(dialectName, input, key));
  }

  async #make(dialectName: string, input: PlanInput, key: string): Promise<Plan> {
    const age = this.#age;
    const planned = await planOf(dialectName, input, await this.#elsewhere(input.namespace));
    const plan = await withGroups({ ...planned, names: await namesOf(planned, input.stores) }, input.stores);
    if (age === this.#age) {
      this.#kept.set(key, plan);
      this.#held.hold(input.namespace, key, key.length * bytesPerCharacter);
    }
    return plan;
  }

  /** Plans hold what profiles said when they were made. */
  #forgetOf(profiles: unknown): void {
    if (profiles === this.#profiles) return;
    this.#kept.clear();
    this.#held.releaseAll();
    this.#profiles = profiles;
    this.#age += 1;
  }
}
