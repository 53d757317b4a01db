import { setImmediate as nextTurn } from "node:timers/promises";

/** So long one thing is done at once, in milliseconds; then everything else that waits has its turn. */
const longestTurn = 2;

/** So many small steps go without a look at the clock. */
const stepsOfLook = 16;

/**
 * Returns what to call after each step of something long: a promise when others are to have their turn first, else
 * undefined.
 */
export function turns(): () => Promise<void> | undefined {
  let began = performance.now();
  let steps = 0;
  return () => {
    steps += 1;
    if (steps % stepsOfLook !== 0 || performance.now() - began < longestTurn) return undefined;
    return nextTurn().then(() => {
      began = performance.now();
    });
  };
}

/** What `each` makes of all items, in order and in turns with everything else that the process does. */
export async function inTurns<T, R>(items: readonly T[], each: (item: T, index: number) => R): Promise<readonly R[]> {
  const pause = turns();
  const made: R[] = [];
  for (const [index, item] of items.entries()) {
    made.push(each(item, index));
    const waiting = pause();
    if (waiting !== undefined) await waiting;
  }
  return made;
}
