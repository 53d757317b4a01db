import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { catalogue, type ErrorId, ProviderError } from "../../src/errors.ts";
import { toStatus } from "../../src/server/status.ts";
import { listDocuments, readDocument } from "./documents.ts";

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly code: string;
}

/** The errors as the catalogue and the gRPC server have them. */
const catalogued = Object.entries(catalogue).map(([id, { title, reason }]): Entry => {
  const { code } = toStatus(new ProviderError(id as ErrorId, title));
  return { id, title, reason, code: status[code] ?? "" };
});

describe("docs/errors.md", () => {
  it("has every error of the catalogue, in its order, with title, reason and gRPC code", async () => {
    const headings = (await readDocument("docs/errors.md")).matchAll(
      /^## (LK\d{4}): (.+)\n\nReason `(\w+)`, gRPC code `(\w+)`\.$/gm,
    );
    const documented = [...headings].map(([, id = "", title = "", reason = "", code = ""]): Entry => {
      return { id, title, reason, code };
    });
    expect(documented).toEqual(catalogued);
  });

  it("has no heading of any other form", async () => {
    const headings = (await readDocument("docs/errors.md")).match(/^## /gm);
    expect(headings?.length).toBe(catalogued.length);
  });

  it("gives every error causes and cures", async () => {
    const sections = (await readDocument("docs/errors.md")).split(/^## /m).slice(1);
    const bare = sections.filter((section) => !/^\|.*\bcause\b.*\| *cure\b/m.test(section));
    expect(bare.map((section) => section.split(":")[0])).toEqual([]);
  });

  it("gives every reason its code in the table", async () => {
    const rows = (await readDocument("docs/errors.md")).matchAll(/^\| `(\w+)` +\| [^|]+ \| (.+?) *\|$/gm);
    const documented = new Map([...rows].map(([, reason = "", codes = ""]) => [reason, codes.match(/[A-Z_]{5,}/g)]));
    const expected = Map.groupBy(catalogued, ({ reason }) => reason);
    const codes = [...expected].map(([reason, entries]) => [reason, [...new Set(entries.map(({ code }) => code))]]);
    expect(new Map([...documented].map(([reason, found]) => [reason, found?.toSorted()]))).toEqual(
      new Map(codes.map(([reason, found]) => [reason, [...(found ?? [])].toSorted()] as [string, string[]])),
    );
  });

  it("names no id that the catalogue does not have, in any document", async () => {
    const documents = ["README.md", "SECURITY.md", "CONTRIBUTING.md", ...(await listDocuments("docs", ".md"))];
    const texts = await Promise.all(documents.map(readDocument));
    const unknown = texts.flatMap((text) => text.match(/LK\d{4}/g) ?? []).filter((id) => !Object.hasOwn(catalogue, id));
    expect(unknown).toEqual([]);
  });
});
