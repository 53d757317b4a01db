/** The things that a process has opened so far; closed in reverse order, after a failed start as at a stop. */
export class Opened {
  readonly #closers: (() => unknown)[] = [];

  /** Remembers how to close what was opened; gives it back. */
  add<T>(opened: T, close: (opened: NonNullable<T>) => unknown): T {
    if (opened !== undefined && opened !== null) this.#closers.push(() => close(opened));
    return opened;
  }

  /** Closes everything, also behind something that cannot be closed. Throws the first error. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
