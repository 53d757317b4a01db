import { LRUCache } from "lru-cache";
import type { DialectInput } from "../dialects/dialect.ts";
import { planOf } from "../dialects/plan-of.ts";
import { namesOf } from "../fetch/source-names.ts";
import { withGroups } from "../fetch/together.ts";
import type { Plan } from "../plan/plan.ts";

/** Characters of parameters whose plans are kept; a plan takes a few times its parameters. */
const mostCharacters = 2 * 1024 ** 2;

/**
 * Plans by what they are made from, so that a volume that is mounted by many pods, or again each minute, is read once.
 * A plan holds no identity, no value and no token. An error is not kept.
 */
export class Plans {
  readonly #kept = new LRUCache<string, Plan>({ maxSize: mostCharacters, sizeCalculation: (_, key) => key.length });

  #profiles: unknown;

  /** The plan of a SecretProviderClass, its paths checked, at once where it is kept. Throws one `ProviderError` that lists every problem. */
  plan(dialectName: string, input: Omit<DialectInput, "own">): Plan | Promise<Plan> {
    const { parameters, namespace, mode } = input;
    this.#forgetOf(input.operator.profiles);
    let key = `${dialectName} ${namespace} ${mode}`;
    // Lengths keep the parts apart. The driver sends parameters in order; in another order they are another key.
    for (const [name, value] of parameters) key += ` ${name.length} ${value.length} ${name}${value}`;
    return this.#kept.get(key) ?? this.#make(dialectName, input, key);
  }

  async #make(dialectName: string, input: Omit<DialectInput, "own">, key: string): Promise<Plan> {
    const planned = await planOf(dialectName, input);
    const plan = await withGroups({ ...planned, names: await namesOf(planned, input.stores) }, input.stores);
    this.#kept.set(key, plan);
    return plan;
  }

  /** Plans hold what profiles said when they were made. */
  #forgetOf(profiles: unknown): void {
    if (profiles !== this.#profiles) this.#kept.clear();
    this.#profiles = profiles;
  }
}
