import DataLoader from "dataloader";
import { toProviderError } from "../../errors.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, Outcome } from "../store.ts";

/** One ref, and who waits for it. */
export interface Ask<R> {
  readonly ref: R;
  readonly context: CallContext;
}

/** Reads several refs by one request. What it throws is every ref's outcome. */
export type ReadBatch<R> = (refs: readonly R[], context: CallContext) => Promise<readonly Outcome[]>;

/**
 * Gathers the reads that come in one turn of the event loop into requests of at most `most` refs. Each waits for its own
 * outcome as long as its own signal allows; a request ends when nobody waits for it any more.
 */
export class Batches<R> {
  readonly #loader: DataLoader<Ask<R>, Outcome>;
  readonly #where: string;

  /** `where` is said of what did not answer in time. */
  constructor(where: string, most: number, read: ReadBatch<R>) {
    this.#where = where;
    this.#loader = new DataLoader<Ask<R>, Outcome>((asks) => readTogether(asks, read), {
      cache: false,
      maxBatchSize: most,
    });
  }

  /** Throws nothing but bugs. */
  async read(ask: Ask<R>): Promise<Outcome> {
    try {
      return await inTime(() => this.#loader.load(ask), ask.context.signal, this.#where);
    } catch (thrown) {
      return { ok: false, error: toProviderError(thrown) };
    }
  }
}

async function readTogether<R>(asks: readonly Ask<R>[], read: ReadBatch<R>): Promise<readonly Outcome[]> {
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
    return asks.map(() => ({ ok: false, error }));
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
