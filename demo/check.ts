/** Something that the demo promises did not happen. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

/** Throws a `BrokenPromise` that says what was promised and what was seen, unless `holds`. */
export function promise(what: string, holds: boolean, seen?: unknown): void {
  if (holds) return;
  throw new BrokenPromise(seen === undefined ? what : `${what}\n  seen: ${JSON.stringify(seen)}`);
}

/** Throws unless both are equal as JSON. */
export function promiseEqual(what: string, seen: unknown, expected: unknown): void {
  promise(`${what}\n  expected: ${JSON.stringify(expected)}`, JSON.stringify(seen) === JSON.stringify(expected), seen);
}
