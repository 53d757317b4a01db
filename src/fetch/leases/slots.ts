/** No two volumes of a node change in the same second, where their windows have room for that. */
const apart = 1_000;

/** A time to choose from, by `Clock.now`. */
export interface SlotWindow {
  readonly from: number;
  readonly to: number;
  /** True to use the whole of it alike, false to choose as late as others leave it. */
  readonly even: boolean;
}

/** Times at which volumes of this node take other answers, drawn so that no two fall together. */
export class Slots {
  /** By whoever has reserved them, by `Clock.now`. */
  readonly #taken = new Map<string, number>();

  /** How many are taken. */
  get size(): number {
    return this.#taken.size;
  }

  /**
   * Takes a time for `who`, who keeps the one that it has unless the window has moved to before it: the latest in the window that is a second away from all others, or
   * the one that is farthest from them.
   */
  take(who: string, { from, to, even }: SlotWindow): number {
    const own = this.#taken.get(who);
    if (own !== undefined && own <= to) return own;
    this.#taken.delete(who);
    const others = [...this.#taken.values()].filter((time) => time > from - apart && time < to + apart);
    others.sort((a, b) => a - b);
    const time = even && others.length > 0 ? middleOfLargestGap(others, from, to) : freeTime(others, from, to);
    this.#taken.set(who, time);
    return time;
  }

  /** Gives the time of `who` back. */
  free(who: string): void {
    this.#taken.delete(who);
  }
}

/** `others` in order. */
function freeTime(others: readonly number[], from: number, to: number): number {
  let latest = to;
  for (const other of others.toReversed()) {
    if (latest - other >= apart) break;
    latest = Math.min(latest, other - apart);
  }
  return latest >= from ? latest : middleOfLargestGap(others, from, to);
}

function middleOfLargestGap(others: readonly number[], from: number, to: number): number {
  const times = [from, ...others.filter((time) => time > from && time < to), to];
  let best = { width: -1, middle: from };
  for (const [at, time] of times.entries()) {
    const next = times[at + 1];
    if (next !== undefined && next - time > best.width) best = { width: next - time, middle: (time + next) / 2 };
  }
  return best.middle;
}
