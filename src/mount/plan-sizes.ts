import type { Clock } from "../async/clock.ts";
import type { Plan } from "../plan/plan.ts";

/** So long others wait for the first mount of a plan to tell how large it is, in milliseconds. */
const patience = 250;

interface Measuring {
  readonly known: Promise<number>;
  readonly tell: (bytes: number) => void;
}

/**
 * How large the files of a plan were, so that memory for them can be reserved before they are made. Of many mounts of a
 * new plan the first measures, and the others wait for it a moment.
 */
export class PlanSizes {
  readonly #clock: Clock;
  readonly #sizes = new WeakMap<Plan, number>();
  readonly #measuring = new WeakMap<Plan, Measuring>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Bytes of all files as they were last; 0 where nobody knows yet. */
  of(plan: Plan): number | Promise<number> {
    const size = this.#sizes.get(plan);
    if (size !== undefined) return size;
    const measuring = this.#measuring.get(plan);
    if (measuring !== undefined) return this.#waitFor(measuring);
    const { promise: known, resolve: tell } = Promise.withResolvers<number>();
    this.#measuring.set(plan, { known, tell });
    return 0;
  }

  /** Notes how many bytes all files have. */
  learn(plan: Plan, bytes: number): void {
    this.#sizes.set(plan, bytes);
    this.#measuring.get(plan)?.tell(bytes);
  }

  /** The mount failed: the next one measures. */
  giveUp(plan: Plan): void {
    this.#measuring.get(plan)?.tell(0);
    this.#measuring.delete(plan);
  }

  async #waitFor({ known }: Measuring): Promise<number> {
    const { promise: late, resolve } = Promise.withResolvers<number>();
    const cancel = this.#clock.after(patience, () => resolve(0));
    const size = await Promise.race([known, late]);
    cancel();
    return size;
  }
}
