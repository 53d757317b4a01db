/**
 * What `start` gives, for every call the same, started with the first. What failed is started again by the next call: a
 * module that could not be read while descriptors or memory were out is there later.
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

/** What `start` gives, for those who ask while it is under way the same; who asks later has it started anew. */
export function shared<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= start().finally(() => {
      running = undefined;
    });
    return running;
  };
}
