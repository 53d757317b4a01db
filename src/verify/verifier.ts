import type { AddressPolicy } from "../address-policy.ts";
import { untilAborted } from "../async/until-aborted.ts";
import { CallBudget } from "../cache/call-budget.ts";
import type { Tried } from "../cache/trial.ts";
import { ProviderError } from "../errors.ts";
import type { Verify, VerifyTarget } from "../plan/verify.ts";
import type { Secret } from "../stores/store.ts";
import { VerifyChild } from "./child.ts";
import { codeOf } from "./connect.ts";
import { jobOf } from "./job-of.ts";

/** How long the process waits for another try, in milliseconds. */
const longestIdle = 60_000;

/** Most tries that wait. */
const mostWaiting = 1_000;

/** How credentials are tried. */
export interface VerifierOptions {
  readonly addresses: AddressPolicy;
  /** Longest that one try may take, in milliseconds. */
  readonly timeout: number;
  /** Tries at once. */
  readonly atOnce: number;
  /** Memory of the process. */
  readonly mostBytes: number;
}

/** Whose secret it is. */
interface Owner {
  readonly namespace: string;
  readonly login: string;
}

/** Tries new values at their targets, in one process that is started with the first of them. Namespaces take turns. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #budget: CallBudget;
  #child: Promise<VerifyChild> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #running = 0;
  #jobs = 0;

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#budget = new CallBudget({ calls: options.atOnce, queue: mostWaiting });
  }

  /**
   * Tries a value at all its targets. One that refuses it counts before one that does not get to say. Never rejects: what cannot be
   * tried counts as unreachable.
   */
  async try({ targets }: Verify, secret: Secret, owner: Owner, signal: AbortSignal): Promise<Tried> {
    const each = await Promise.all(targets.map((target) => this.#tryOne(target, secret, owner, signal)));
    const by = (verdict: Tried["verdict"]) => each.find((tried) => tried.verdict === verdict);
    return by("refused") ?? by("unreachable") ?? { verdict: "ok" };
  }

  /** Ends the process. */
  close(): void {
    clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = undefined;
    void child?.then((each) => each.end()).catch(() => undefined);
  }

  async #tryOne(target: VerifyTarget, secret: Secret, owner: Owner, signal: AbortSignal): Promise<Tried> {
    const { member } = target;
    const own = member === undefined ? secret : secret.together?.[member];
    if (own === undefined || own instanceof ProviderError) return { verdict: "unreachable", code: "LK0034" };
    // Whoever waits for others has all of its time still.
    let limit = signal;
    const run = () => {
      limit = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeout)]);
      return this.#run(target, own, limit);
    };
    try {
      return await this.#budget.run({ ...owner, urgent: false, signal }, run);
    } catch (error) {
      return { verdict: "unreachable", code: reasonOf(error, limit) };
    }
  }

  async #run(target: VerifyTarget, secret: Secret, signal: AbortSignal): Promise<Tried> {
    const began = performance.now();
    const job = await untilAborted(jobOf(target, secret, this.#options.addresses), signal);
    this.#running += 1;
    clearTimeout(this.#idle);
    try {
      const child = await this.#alive();
      const longest = Math.max(1, Math.round(this.#options.timeout - (performance.now() - began)));
      const result = await child.run({ ...job, id: this.#nextId(), longest });
      return result === undefined
        ? { verdict: "unreachable", code: "ENDED" }
        : { verdict: result.verdict, code: result.code };
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#idle = setTimeout(() => this.close(), longestIdle).unref();
    }
  }

  /** The process; another one where it has ended. */
  async #alive(): Promise<VerifyChild> {
    const known = this.#child;
    const child = await known?.catch(() => undefined);
    if (child?.isAlive === true) return child;
    if (this.#child === known) this.#child = VerifyChild.start(this.#options.mostBytes);
    return await (this.#child ?? VerifyChild.start(this.#options.mostBytes));
  }

  #nextId(): number {
    this.#jobs += 1;
    return this.#jobs;
  }
}

function reasonOf(error: unknown, limit: AbortSignal): string {
  if (error instanceof ProviderError) return error.id;
  return limit.aborted ? "ETIMEDOUT" : codeOf(error);
}
