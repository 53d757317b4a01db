import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect } from "vitest";

// Fails a file of tests in which Node warned of an open file that nobody holds any more (a later Node throws), or of
// listeners that pile up.

const warnings: string[] = [];
function note({ name, message }: Error): void {
  if (/on garbage collection|MaxListeners/.test(`${name} ${message}`)) warnings.push(`${name}: ${message}`);
}
process.on("warning", note);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

afterAll(async () => {
  collectGarbage();
  // Node closes what was left open, and warns, in later turns of the event loop.
  for (let at = 0; at < 3; at++) await turn();
  process.off("warning", note);
  expect(warnings).toEqual([]);
});
