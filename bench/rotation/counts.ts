/** Connections that pods tried to open, second by second since a beginning. */
export class Counts {
  readonly #opened: number[] = [];
  readonly #refused: number[] = [];
  readonly #beganAt = Date.now();

  /** Counts a connection that the database let in. */
  opened(): void {
    this.#add(this.#opened);
  }

  /** Counts one that it refused: the password was wrong, or the user gone. */
  refused(): void {
    this.#add(this.#refused);
  }

  /** Everything that was tried, by second. */
  get tried(): readonly number[] {
    const seconds = Math.max(this.#opened.length, this.#refused.length);
    return Array.from({ length: seconds }, (_, at) => (this.#opened[at] ?? 0) + (this.#refused[at] ?? 0));
  }

  /** The refusals in a time that begins at a second. */
  refusedFrom(second: number, to = Number.POSITIVE_INFINITY): number {
    return this.#refused.reduce((sum, count, at) => sum + (at >= second && at < to ? (count ?? 0) : 0), 0);
  }

  /** The present second. */
  get second(): number {
    return Math.floor((Date.now() - this.#beganAt) / 1_000);
  }

  #add(counts: number[]): void {
    const { second } = this;
    while (counts.length <= second) counts.push(0);
    counts[second] = (counts[second] ?? 0) + 1;
  }
}
