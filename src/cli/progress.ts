import { type Clock, systemClock } from "../async/clock.ts";
import { printable } from "../lint/formats/human.ts";

/** Where progress is shown: standard error, which is no part of what a command answers. */
interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The time before progress is shown, in milliseconds: quicker work needs no words. */
const patience = 1_000;

/** Between two lines of work that says more often what it does, in milliseconds. */
const leastPause = 100;

/** Progress on the terminal of standard error. */
export function ownProgress(): Progress {
  return new Progress(process.stderr, systemClock);
}

/** Says on a terminal, and nowhere else, what a command waits for; in one line that is gone in the end. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #clock: Clock;
  #started: number;
  #shownAt: number | undefined;

  constructor(stream: ProgressStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    this.#started = clock.now();
  }

  /** Shows what is done now, where it has taken a second since the start: for work that leaves no time to timers. */
  say(text: string): void {
    const now = this.#clock.now();
    const isDue = now - this.#started >= patience && now - (this.#shownAt ?? -leastPause) >= leastPause;
    if (isDue) this.#show(text, now);
  }

  #show(text: string, now: number): void {
    if (this.#stream.isTTY !== true) return;
    this.#shownAt = now;
    const time = ` (${Math.round((now - this.#started) / 1_000)} s)`;
    // A terminal that does not know its width says 0.
    const room = Math.max(0, (this.#stream.columns || 80) - time.length);
    this.#stream.write(`${clearLine}${printable(text).slice(0, room)}${time}`);
  }

  /** Shows what is waited for, each second, until the work ends. */
  async during<T>(text: string | (() => string), work: () => Promise<T>): Promise<T> {
    this.#started = this.#clock.now();
    let cancel: () => void;
    const tick = () => {
      this.#show(typeof text === "string" ? text : text(), this.#clock.now());
      cancel = this.#clock.after(patience, tick);
    };
    cancel = this.#clock.after(patience, tick);
    try {
      return await work();
    } finally {
      cancel();
      this.end();
    }
  }

  /** Says once what somebody at the terminal has to do, if it is not done within a second: they write in the same place. */
  async hint<T>(text: string, work: () => Promise<T>): Promise<T> {
    const cancel = this.#clock.after(patience, () => this.#stream.isTTY === true && this.#stream.write(`${text}\n`));
    try {
      return await work();
    } finally {
      cancel();
    }
  }

  /** Takes away what is shown. */
  end(): void {
    if (this.#shownAt !== undefined) this.#stream.write(clearLine);
    this.#shownAt = undefined;
  }
}

const clearLine = "\r\u001b[K";
