import { describe, expect, it } from "vitest";
import { documentedClasses } from "./blocks.ts";
import { exampleFiles, readDocument } from "./documents.ts";

/** Which pages and examples promise a file that only root, or a pod with group 0, can read, and what each says of that. */
async function closedFiles(): Promise<ReadonlyMap<string, string>> {
  const examples = [...(await exampleFiles()), ...(await documentedClasses())];
  const closed = examples.filter(({ promised }) => promised.some(({ mode }) => (mode & 0o004) === 0));
  const pages = [...new Set(closed.map(({ place }) => place.replace(/:\d+$/, "")))];
  return new Map(await Promise.all(pages.map(async (page) => [page, await readDocument(page)] as const)));
}

describe("a page with a file that others may not read", () => {
  it("says that files belong to root", async () => {
    const pages = await closedFiles();
    expect([...pages.keys()]).toContain("deploy/examples/vault-pki.yaml");
    expect([...pages].filter(([, text]) => !/belongs? to\s+(?:# )?root/.test(text)).map(([page]) => page)).toEqual([]);
  });
});
