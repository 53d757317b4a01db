import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startNode, type TestNode } from "../e2e/node.ts";
import { type Family, parseExposition } from "../exposition.ts";
import { readDocument } from "./documents.ts";

let node: TestNode;
let families: readonly Family[];

beforeAll(async () => {
  node = await startNode({ flags: { adminListen: "127.0.0.1:0" } });
  const answer = await fetch(`http://127.0.0.1:${node.adminPort}/metrics`);
  families = parseExposition(await answer.text()).families;
});

afterAll(() => node?.stop());

describe("the documentation of metrics", () => {
  it("has every metric of the program, and none else, with its kind", async () => {
    const rows = (await readDocument("docs/metrics.md")).matchAll(
      /^\| `((?:latchkey|process)_\w+)` +\| ([^|]*) +\| (.*)$/gm,
    );
    const documented = [...rows].map(([, name, , meaning]) => [name, meaning?.startsWith("histogram: ") ?? false]);
    const served = families.map(({ name, type }) => [name, type === "histogram"]);
    expect(documented.sort()).toEqual(served.sort());
  });
});
