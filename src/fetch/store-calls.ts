import { toProviderError } from "../errors.ts";
import type { EndedCall, Metrics } from "../metrics.ts";
import type { CallContext, StoreOperation } from "../stores/store.ts";

/** Makes one call to a store and tells the metrics how it ended. Throws what the call threw. */
export async function measureCall<T>(
  metrics: Metrics,
  of: { readonly store: string; readonly operation: StoreOperation },
  call: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const ended = (result: EndedCall["result"]) =>
    metrics.tell("callEnded", { ...of, result, ms: performance.now() - started });
  try {
    const answer = await call();
    ended("ok");
    return answer;
  } catch (thrown) {
    ended(toProviderError(thrown).reason);
    throw thrown;
  }
}

/** The same context, which also tells the metrics of each request that goes out to the store. */
export function countRequests(metrics: Metrics, store: string, { signal, count, ask }: CallContext): CallContext {
  return {
    signal,
    ...(ask === undefined ? {} : { ask }),
    count: (operation) => {
      metrics.tell("requestSent", { store, operation });
      count(operation);
    },
  };
}
