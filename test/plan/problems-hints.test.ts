import { describe, expect, it } from "vitest";
import { Problems } from "../../src/plan/problems.ts";
import { problemsOf } from "../dialects/plan-of.ts";

describe("fixes that take work to find", () => {
  it("are looked for as long as somebody will read them, also of words that are noted together afterwards", () => {
    const problems = new Problems();
    let found = 0;
    const find = () => {
      found += 1;
      return "did you mean a?";
    };
    const fixes = Array.from({ length: 1_000 }, () => problems.at({ line: 1 }).hint(find));
    expect(found).toBe(20);
    expect(fixes.filter((fix) => fix !== undefined)).toHaveLength(20);
  });

  it("are told for the first of many unknown fields", async () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `paht${index}`).join(", ");
    const said = await problemsOf("latchkey", {
      stores: 'v: { kind: vault, address: "https://vault.example", role: shop }',
      secrets: `- { store: v, name: secret/data/db, files: [{ path: f }], optoinal: true, ${names} }`,
    });
    expect(said).toHaveLength(201);
    expect(said.join("\n")).toContain('did you mean "optional"?');
  });
});
