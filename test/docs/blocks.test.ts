import { describe, expect, it } from "vitest";
import { documentedClasses, fencedBlocks, kindOf, pages, yamlBlocks } from "./blocks.ts";
import { parseObjects } from "./documents.ts";

const blocks = (await Promise.all((await pages()).map(fencedBlocks))).flat();

/** The languages of blocks besides YAML. */
const others = new Set(["sh", "text"]);

describe("blocks of the documentation", () => {
  it.each(blocks.filter(({ language }) => language === "yaml"))(
    "$place is YAML of a kind that a test lints and mounts, or reads as the program does",
    ({ text }) => {
      expect(kindOf(text)).toBeDefined();
    },
  );

  it("say what they are written in, and hide no YAML as something else", () => {
    const odd = blocks.filter(({ language, text }) => {
      if (language === "yaml") return false;
      return !others.has(language) || /^ *(apiVersion|kind|provider|parameters|objects|secrets|profiles):/m.test(text);
    });
    expect(odd.map(({ place }) => place)).toEqual([]);
  });

  it("are found, in lists too, and each SecretProviderClass once", async () => {
    expect((await yamlBlocks()).length).toBeGreaterThanOrEqual(5);
    const places = (await documentedClasses()).map(({ place }) => place);
    expect(places.length).toBe(new Set(places).size);
    for (const { place, text } of await yamlBlocks()) {
      const kind = kindOf(text);
      if (kind !== "class" && kind !== "parameters") continue;
      const isKnown = places.some((known) => known === place || known.startsWith(`${place} in `));
      expect([place, isKnown]).toEqual([place, true]);
    }
  });

  it("hold one SecretProviderClass each, as the files of deploy/examples do", async () => {
    for (const { place, yaml } of await documentedClasses()) {
      expect([place, parseObjects(yaml).map(({ kind }) => kind)]).toEqual([place, ["SecretProviderClass"]]);
    }
  });
});
