/**
 * One writer a volume: two mounts of one volume overlap when the kubelet retries after its own deadline, and each
 * would clean up what the other has just written.
 */
export class VolumeLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when everything that was asked for this volume before is over. */
  async run<T>(volume: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(volume) ?? Promise.resolve();
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    const last = before.then(() => mine);
    this.#last.set(volume, last);
    await before;
    try {
      return await work();
    } finally {
      done();
      if (this.#last.get(volume) === last) this.#last.delete(volume);
    }
  }
}
