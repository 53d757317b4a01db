/**
 * Returns a function that runs `start` at its first call and gives every call the same result. If `start` fails, the
 * next call runs it again: a module that could not be read while descriptors or memory had run out can be read later.
 */
export function once<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= start().catch((thrown: unknown) => {
      running = undefined;
      throw thrown;
    });
    return running;
  };
}

/** Returns a function that gives the same result to every call made while `start` runs; a later call runs it again. */
export function shared<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= start().finally(() => {
      running = undefined;
    });
    return running;
  };
}
