import { expect, it } from "vitest";
import fc from "../../property.ts";
import { scaled } from "../../scale.ts";
import { ModelNode } from "./node.ts";
import { history } from "./steps.ts";

const histories = scaled(2_500);

it(`keeps every promise in ${histories} histories of mounts, outages, denials, rotations, restarts and clock jumps`, async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const node = new ModelNode();
      await node.run(steps);
      for (const [how, count] of node.ends) ends.set(how, (ends.get(how) ?? 0) + count);
      expect(node.store.violations.slice(0, 3)).toEqual([]);
    }),
    { seed: 20_260_101, numRuns: histories },
  );
  // Histories in which nothing happens would prove nothing.
  for (const how of [
    "fetched",
    "cached",
    "stale",
    "LK0030",
    "LK0031",
    "LK0032",
    "LK0033",
    "LK0034",
    "LK0036",
    "LK0041",
  ]) {
    expect([how, (ends.get(how) ?? 0) > histories * 0.08]).toEqual([how, true]);
  }
}, 300_000);
