import type { LookupFigures } from "../metrics.ts";
import type { Served } from "./ask.ts";

/** A greatest age is told for at least so long, and twice as long at most, in milliseconds. */
const windowMs = 150_000;

/** The greatest of what was noted lately; a read changes nothing, so that any number of readers see the same. */
class LatelyGreatest {
  #before = 0;
  #now = 0;
  #until = 0;

  note(value: number, at: number): void {
    if (at >= this.#until) this.#turn(at);
    if (value > this.#now) this.#now = value;
  }

  read(at: number): number {
    if (at >= this.#until) this.#turn(at);
    return Math.max(this.#before, this.#now);
  }

  #turn(at: number): void {
    this.#before = at >= this.#until + windowMs ? 0 : this.#now;
    this.#now = 0;
    this.#until = at + windowMs;
  }
}

/** Counts for `LookupFigures`. Each is one addition: most mounts do nothing but this. */
export class LookupCounts {
  miss = 0;
  refresh = 0;
  unshared = 0;
  #hit = 0;
  #stale = 0;
  readonly #oldest = { cached: new LatelyGreatest(), stale: new LatelyGreatest() };

  /** Counts an answer from memory, and its age in milliseconds, at a time of `Clock.now`. */
  served(how: Served<unknown>["how"], ageMs: number, now: number): void {
    if (how === "fetched") return;
    if (how === "cached") this.#hit += 1;
    else this.#stale += 1;
    this.#oldest[how].note(ageMs, now);
  }

  /** The figures at a time of `Clock.now`. */
  at(now: number): LookupFigures {
    const { miss, refresh, unshared } = this;
    const oldestMs = { cached: this.#oldest.cached.read(now), stale: this.#oldest.stale.read(now) };
    return { hit: this.#hit, miss, refresh, stale: this.#stale, unshared, oldestMs };
  }
}
