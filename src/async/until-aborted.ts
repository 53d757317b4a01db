/**
 * Settles as `work` does, or rejects when `signal` aborts first: with its reason, or with what `why` gives. Whoever waits
 * is answered in time whatever `work` makes of its own signal; what becomes of it later settles unseen.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, why?: () => Error): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(why === undefined ? signal.reason : why());
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
