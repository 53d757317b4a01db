import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/command.ts";
import { rules } from "../../src/lint/finding.ts";
import { defects } from "../lint/defects.ts";
import { planted } from "../lint/lint-of.ts";
import { readDocument } from "./documents.ts";

const page = await readDocument("docs/cli.md");
const program = createProgram(() => undefined);

describe("docs/cli.md", () => {
  it("has a row for each command, and no other", () => {
    const rows = [...page.matchAll(/^\| `latchkey (\w+)` +\|/gm)].map(([, name]) => name);
    expect(rows).toEqual(program.commands.map((command) => command.name()));
  });

  it("names every rule of lint", () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (?:error|warning) +\|/gm)].map(([, id]) => id);
    expect(rows).toEqual(Object.keys(rules));
  });

  it("says of each rule the severity that its finding has", async () => {
    const { lintText } = await import("../lint/lint-of.ts");
    const told = new Map(
      [...page.matchAll(/^\| `([a-z-]+)` +\| (error|warning) +\|/gm)].map(([, id, severity]) => [id, severity]),
    );
    const found = new Map<string, string>();
    for (const [, text, around] of defects) {
      for (const { id, severity } of (await lintText(text, around)).findings)
        if (!id.startsWith("LK")) found.set(id, severity);
    }
    expect(new Map([...found].sort())).toEqual(new Map([...told].sort()));
  });

  it("names the options of each command that has a section, and a defect is planted for each rule", () => {
    for (const name of ["lint", "plan", "mount", "convert", "schema"]) {
      const section = new RegExp(`^## ${name}\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, "m").exec(page)?.[1] ?? "";
      const known = program.commands.find((command) => command.name() === name)?.options.map(({ long }) => long);
      const named = [...section.matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option);
      expect([name, named.filter((option) => !known?.includes(option ?? ""))]).toEqual([name, []]);
    }
    const ids = new Set(defects.flatMap(([, text]) => planted(text).map((mark) => mark.split(" ")[1] ?? "")));
    expect(Object.keys(rules).filter((id) => !ids.has(id))).toEqual([]);
  });
});
