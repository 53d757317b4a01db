/**
 * Settles as `work` does, or rejects with the signal's reason when that aborts first, so that a mount answers in time
 * whatever a store's client does with its own signal. What `work` does later is not lost silently: it settles unseen.
 */
export async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
