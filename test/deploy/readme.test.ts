import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readDocument } from "../docs/documents.ts";

const readme = await readDocument("deploy/chart/README.md");
const values: object = parse(await readDocument("deploy/chart/values.yaml"));

/** The names of all values, as `--set` takes them. */
function namesOf(object: object, prefix = ""): readonly string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const isGroup = value !== null && typeof value === "object" && !Array.isArray(value);
    const open = ["profiles", "config", "labels", "annotations", "nodeSelector", "affinity", "resources"];
    const leaf = !isGroup || open.includes(name) || Object.keys(value).length === 0;
    return leaf ? [`${prefix}${name}`] : namesOf(value, `${prefix}${name}.`);
  });
}

describe("the README of the chart", () => {
  it("has a row for each value, and no other", () => {
    const table = readme.slice(readme.indexOf("## Values"), readme.indexOf("## Audit log"));
    const named = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name),
    );
    expect(named.sort()).toEqual([...namesOf(values)].sort());
  });

  it("names no value in its text that there is not", () => {
    const named = [...readme.matchAll(/`([a-z][a-zA-Z]+(?:\.[a-z][a-zA-Z]+)+)(?:=[^`]*)?`/g)].map(
      ([, name = ""]) => name,
    );
    const others = [
      "values.schema.json",
      "registry.example.com",
      "sts.amazonaws.com",
      "pods.eks.amazonaws.com",
      "PROJECT.svc.id.goog",
    ];
    expect(named.filter((name) => !namesOf(values).includes(name) && !others.includes(name))).toEqual([]);
  });
});
