import DataLoader from "dataloader";
import { type ProviderError, toProviderError } from "../../errors.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, Secret } from "../store.ts";

/** One ref, and who waits for it. */
export interface Ask<R> {
  readonly ref: R;
  readonly context: CallContext;
}

/** Reads several refs by one request; gives the secret of each, or its error. What it throws fails all of them. */
export type ReadBatch<R> = (refs: readonly R[], context: CallContext) => Promise<readonly (Secret | ProviderError)[]>;

/**
 * Gathers the reads that come in one turn of the event loop into requests of at most `most` refs. Each waits for its own
 * answer as long as its own signal allows; a request ends when nobody waits for it any more.
 */
export class Batches<R> {
  readonly #loader: DataLoader<Ask<R>, Secret>;
  readonly #where: string;

  /** `where` is said of what did not answer in time. */
  constructor(where: string, most: number, read: ReadBatch<R>) {
    this.#where = where;
    this.#loader = new DataLoader<Ask<R>, Secret>((asks) => readTogether(asks, read), {
      cache: false,
      maxBatchSize: most,
    });
  }

  /** Throws the ref's error, or that of the whole batch. */
  async read(ask: Ask<R>): Promise<Secret> {
    return await inTime(() => this.#loader.load(ask), ask.context.signal, this.#where);
  }
}

async function readTogether<R>(
  asks: readonly Ask<R>[],
  read: ReadBatch<R>,
): Promise<readonly (Secret | ProviderError)[]> {
  const [first] = asks;
  if (first === undefined) return [];
  const signal = endOfAll(asks.map(({ context }) => context.signal));
  try {
    // One request is one call, whoever it is for.
    return await read(
      asks.map(({ ref }) => ref),
      { signal, count: first.context.count },
    );
  } catch (thrown) {
    const error = toProviderError(thrown);
    return asks.map(() => error);
  }
}

/** Aborts when all of them have. */
function endOfAll(signals: readonly AbortSignal[]): AbortSignal {
  const end = new AbortController();
  let waiting = signals.length;
  for (const signal of signals) {
    const leave = () => {
      waiting -= 1;
      if (waiting === 0) end.abort(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  }
  return end.signal;
}
