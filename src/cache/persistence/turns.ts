/** Keeps what is done to one name in order, and tells which of several askers for a name was the last. */
export class Turns {
  readonly #newest = new Map<string, symbol>();
  readonly #tails = new Map<string, Promise<void>>();

  /** Makes the caller the newest for this name. */
  take(name: string): symbol {
    const turn = Symbol("turn");
    this.#newest.set(name, turn);
    return turn;
  }

  isNewest(name: string, turn: symbol): boolean {
    return this.#newest.get(name) === turn;
  }

  /** To be called once the turn is over. */
  release(name: string, turn: symbol): void {
    if (this.isNewest(name, turn)) this.#newest.delete(name);
  }

  /** Runs `task` after all that was asked for this name before, whatever its end. */
  alone<T>(name: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(name) ?? Promise.resolve()).then(task);
    const settled = () => {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
    };
    const tail: Promise<void> = result.then(settled, settled);
    this.#tails.set(name, tail);
    return result;
  }
}
