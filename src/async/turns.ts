import { setImmediate as nextTurn } from "node:timers/promises";

/** So long one thing is done at once, in milliseconds; then everything else that waits has its turn. */
const longestTurn = 2;

/**
 * Returns what to call after each step of something long: a promise when others are to have their turn first, else
 * undefined.
 */
export function turns(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < longestTurn) return undefined;
    return nextTurn().then(() => {
      began = performance.now();
    });
  };
}

/** Returns the results of `each` for all items, one after the other and in turns with everything else that the process does. */
export async function inTurns<T, R>(
  items: readonly T[],
  each: (item: T, index: number) => R | Promise<R>,
): Promise<readonly R[]> {
  const pause = turns();
  const all: R[] = [];
  for (const [index, item] of items.entries()) {
    const made = each(item, index);
    all.push(made instanceof Promise ? await made : made);
    const waiting = pause();
    if (waiting !== undefined) await waiting;
  }
  return all;
}
