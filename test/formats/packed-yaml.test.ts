import { describe, expect, it } from "vitest";
import { packYaml, unpackYaml } from "../../src/formats/packed-yaml.ts";
import { readYaml } from "../../src/formats/read-yaml.ts";
import type { YamlNode } from "../../src/formats/yaml-node.ts";
import fc from "../property.ts";

const at = fc.record({ line: fc.integer({ min: 1, max: 9_999 }), column: fc.integer({ min: 1, max: 9_999 }) });
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("", "a", "0600", "<<", "__proto__"));

const { node } = fc.letrec<{ node: YamlNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    fc.record({
      kind: fc.constant("scalar" as const),
      text,
      plain: fc.boolean(),
      tag: fc.constantFrom(undefined, "!!str", "!own"),
      at,
    }),
    fc.record({ kind: fc.constant("list" as const), items: fc.array(tie("node"), { maxLength: 4 }), at }),
    fc.record({
      kind: fc.constant("map" as const),
      entries: fc.array(fc.record({ key: tie("node"), value: tie("node") }), { maxLength: 4 }),
      at,
    }),
  ),
}));

describe("a tree of YAML that is packed", () => {
  it("comes out as it went in, by generated trees", async () => {
    await fc.assert(
      fc.asyncProperty(node, async (tree) => {
        expect(await unpackYaml(packYaml(tree))).toEqual(tree);
      }),
      { numRuns: 500 },
    );
  });

  it("has what aliases share once", async () => {
    const tree = readYaml("- &a { b: [1, 2, 3] }\n- *a\n- *a\n");
    const packed = packYaml(tree);
    const again = await unpackYaml(packed);
    expect(again).toEqual(tree);
    if (again.kind !== "list") throw new Error("no list");
    expect(new Set(again.items).size).toBe(1);
  });

  it("is refused if it is none", async () => {
    await expect(unpackYaml({ texts: [], numbers: Int32Array.from([]) })).rejects.toThrow("no packed YAML");
    await expect(unpackYaml({ texts: [], numbers: Int32Array.from([0, 1, 1, 1, 7]) })).rejects.toThrow();
  });
});
