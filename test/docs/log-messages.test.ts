import { describe, expect, it } from "vitest";
import { listDocuments, readDocument } from "./documents.ts";

/** Words of a log line that a page quotes: one or several in backticks behind what says that they stand in the log. */
const quoting = /\b(?:warnings?|log lines?|log says)\s+((?:`[^`]+`(?:,?\s+and\s+|,?\s+or\s+|,\s+)?)+)/g;

async function sourcesOf(): Promise<string> {
  const texts = await Promise.all((await listDocuments("src", ".ts")).map(readDocument));
  // A string over several lines is one in the log.
  return texts.join("\n").replaceAll(/["`] \+\s+["`]/g, "");
}

describe("a log line that a page quotes", () => {
  it("is one that the program writes", async () => {
    const pages = [...(await listDocuments("docs", ".md")), "README.md", "deploy/chart/README.md"];
    const sources = await sourcesOf();
    const quoted = await Promise.all(
      pages.map(async (page) =>
        [...(await readDocument(page)).matchAll(quoting)].flatMap(([, words = ""]) =>
          [...words.matchAll(/`([^`]+)`/g)].map(([, line = ""]) => `${page}: ${line.replaceAll(/\s+/g, " ")}`),
        ),
      ),
    );
    expect(quoted.flat().length).toBeGreaterThan(10);
    expect(quoted.flat().filter((each) => !sources.includes(each.slice(each.indexOf(": ") + 2)))).toEqual([]);
  });
});
