import { noneNeeded, ProviderError } from "../errors.ts";
import type { MountCall } from "../mount/mount-call.ts";
import type { ReplyBudget } from "./reply-budget.ts";
import type { MountRequest__Output } from "./v1alpha1/v1alpha1/MountRequest.ts";

/** The inputs of a call. */
export interface CallOptions {
  readonly request: MountRequest__Output;
  /** The caller's deadline in milliseconds since the epoch, Infinity where it has none. */
  readonly deadline: number;
  /** Time for the mount where the caller has no deadline, in milliseconds. */
  readonly timeout: number;
  readonly budget: ReplyBudget;
}

/**
 * A running call: its time, its stop and its share of the reply budget. It ends a margin before the caller's deadline,
 * because an answer that comes too late becomes DEADLINE_EXCEEDED, one of the codes that can start a pod without files.
 */
export class RunningCall implements MountCall {
  readonly request: MountRequest__Output;
  /** Made when somebody waits: most mounts wait for nothing. */
  #abort: AbortController | undefined;
  #stopped: ProviderError | undefined;
  readonly #budget: ReplyBudget;
  readonly #timer: NodeJS.Timeout;
  #namespace = "";
  #held = 0;
  #answered = false;
  #over = false;

  constructor({ request, deadline, timeout, budget }: CallOptions) {
    this.request = request;
    this.#budget = budget;
    const time = timeFor(deadline, timeout);
    this.#timer = setTimeout(() => {
      this.stop(
        new ProviderError("LK0006", `no answer within ${time} ms`, {
          fix: "check the store's health and latency, or ask for fewer secrets in one volume; the kubelet retries",
        }),
      );
    }, time);
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#stopped !== undefined) this.#abort.abort(this.#stopped);
    }
    return this.#abort.signal;
  }

  /** Makes the mount answer with `error`, unless it has answered. */
  stop(error: ProviderError): void {
    this.#stopped ??= error;
    this.#abort?.abort(error);
  }

  /** The mount has ended by itself: nothing of it has to be stopped any more. */
  answered(): void {
    this.#answered = true;
  }

  reserve(namespace: string, bytes: number): Promise<void> | undefined {
    const more = bytes - this.#held;
    if (more <= 0) return undefined;
    if (this.#stopped === undefined && this.#budget.takeNow(namespace, more)) {
      this.#grow(namespace, more);
      return undefined;
    }
    // Nothing is held while waiting: those who hold a part could wait for each other.
    this.#giveBack();
    return this.#budget.take({ namespace, bytes, signal: this.signal }).then(() => this.#grow(namespace, bytes));
  }

  #grow(namespace: string, bytes: number): void {
    this.#namespace = namespace;
    this.#held += bytes;
    if (this.#over) this.#giveBack();
  }

  #giveBack(): void {
    const held = this.#held;
    this.#held = 0;
    if (held > 0) this.#budget.release(this.#namespace, held);
  }

  /** The reply is sent, or the caller is gone. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    if (!this.#answered) this.stop(callerGone);
    this.#giveBack();
  }
}

/** One for all calls: each call ends, and a stack is costly to record. */
const callerGone = new ProviderError("LK0006", "the caller went away", { fix: noneNeeded });

/** A tenth of the time, but at least 20 ms and at most a second, is kept for the way back. */
function timeFor(deadline: number, timeout: number): number {
  const left = deadline - Date.now();
  if (!Number.isFinite(left)) return timeout;
  const margin = Math.min(1_000, Math.max(20, left / 10));
  return Math.max(0, Math.floor(left - margin));
}
