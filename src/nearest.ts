/** Longer words are compared by their first characters. */
const longest = 64;

/** Characters that are gone through and places of tables that are filled, for one word: less than a millisecond. */
const mostWork = 30_000;

/**
 * The known word that an unknown one was probably meant to be: equal but for case, or at most one edit (insertion,
 * deletion, substitution, swap of neighbours) for each three characters, and not all of them. `undefined` where nothing is
 * that near. Whoever writes both words decides how many there are, so no more than `work` is spent: then the nearest so far
 * counts.
 */
export function nearest(word: string, known: Iterable<string>, work = mostWork): string | undefined {
  const wanted = word.slice(0, longest).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let left = work;
  for (const candidate of known) {
    const text = candidate.slice(0, longest).toLowerCase();
    left -= wanted.length + text.length;
    if (left < 0 || bestDistance === 0) break;
    if (leastDistance(wanted, text) >= bestDistance) continue;
    left -= wanted.length * Math.min(text.length, 2 * bestDistance + 1);
    const distance = editDistance(wanted, text, bestDistance);
    // Words that have nothing in common are not near, however short they are.
    if (distance < bestDistance && (distance === 0 || distance < Math.max(wanted.length, text.length))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** No distance is less than that: characters that one of the words has and the other has not, each edit mends two at most. */
function leastDistance(a: string, b: string): number {
  const counts = new Map<string, number>();
  for (const character of a) counts.set(character, (counts.get(character) ?? 0) + 1);
  for (const character of b) counts.set(character, (counts.get(character) ?? 0) - 1);
  let [more, fewer] = [0, 0];
  for (const count of counts.values()) {
    if (count > 0) more += count;
    else fewer -= count;
  }
  return Math.max(more, fewer);
}

/**
 * Optimal string alignment distance, or anything from `limit` on if it is not less: three rows of the table are enough, and
 * of each row the places that are nearer to the diagonal than `limit`.
 */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [];
    current[0] = row;
    const [from, to] = [Math.max(1, row - limit), Math.min(b.length, row + limit)];
    for (let column = from; column <= to; column++) {
      const same = a[row - 1] === b[column - 1];
      const substituted = at(last, column - 1) + (same ? 0 : 1);
      const swapped = isSwap(a, row, b, column) ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current[column] = Math.min(at(last, column) + 1, at(current, column - 1) + 1, substituted, swapped);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function isSwap(a: string, row: number, b: string, column: number): boolean {
  return row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
