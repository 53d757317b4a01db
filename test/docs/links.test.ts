import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { pages } from "./blocks.ts";
import { readDocument } from "./documents.ts";

const root = join(import.meta.dirname, "../..");

/** A page without its fenced blocks, which are no Markdown. */
async function textOf(path: string): Promise<string> {
  return (await readDocument(path)).replace(/^( *)(`{3,})[^\n]*\n[\s\S]*?^ *\2 *$/gm, "");
}

/** Anchors of a page's headings, as GitHub makes them; a second heading of the same words gets a number. */
async function anchorsOf(path: string): Promise<ReadonlySet<string>> {
  const seen = new Map<string, number>();
  const names = [...(await textOf(path)).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = ""]) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/`/g, "");
    const name = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  });
  return new Set(names);
}

/** Targets of a page's links that are in this repository. */
async function linksOf(path: string): Promise<readonly string[]> {
  const found = (await textOf(path)).matchAll(/\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)/g);
  return [...found].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

async function problemOf(page: string, link: string): Promise<string | undefined> {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return `${link}: there is no ${file}`;
  if (anchor === undefined) return undefined;
  if (statSync(join(root, file)).isDirectory() || !file.endsWith(".md")) return `${link}: ${file} has no headings`;
  return (await anchorsOf(file)).has(anchor) ? undefined : `${link}: ${file} has no such heading`;
}

const all = await pages();

describe("links of the documentation", () => {
  it.each(all)("%s: each leads to a file and a heading that there are", async (page) => {
    const problems = await Promise.all((await linksOf(page)).map((link) => problemOf(page, link)));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it("lead from README.md to every page of docs, by itself or through another one", async () => {
    const known = new Set(["README.md"]);
    for (const page of known) {
      for (const link of await linksOf(page)) {
        const file = join(dirname(page), link.split("#")[0] ?? "");
        if (file.endsWith(".md") && existsSync(join(root, file))) known.add(file);
      }
    }
    const docs = all.filter((page) => page.startsWith("docs/") && !page.startsWith("docs/decisions/"));
    expect(docs.filter((page) => !known.has(page))).toEqual([]);
  });

  it("are judged: a heading that is not there is told", async () => {
    expect(await problemOf("docs/errors.md", "operations.md#no-such-heading")).toBe(
      "operations.md#no-such-heading: docs/operations.md has no such heading",
    );
    expect(await problemOf("docs/errors.md", "no-such-page.md")).toBe(
      "no-such-page.md: there is no docs/no-such-page.md",
    );
  });
});
