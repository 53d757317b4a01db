/** One flight a key: who asks while it is under way gets its end. A flight that is over is forgotten. */
export class Flights<V> {
  readonly #running = new Map<string, Promise<V>>();

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  /** The end of the flight of `key`; starts it where none is under way. Nobody's leaving ends it. */
  join(key: string, start: () => Promise<V>): Promise<V> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const flight: Promise<V> = start().finally(() => {
      if (this.#running.get(key) === flight) this.#running.delete(key);
    });
    this.#running.set(key, flight);
    // Its end may come after the last caller has gone; it is recorded where it is produced.
    flight.catch(() => undefined);
    return flight;
  }

  /** Who asks from now on gets a flight of its own; who waits already gets the end of the one under way. */
  forget(key: string): void {
    this.#running.delete(key);
  }
}
