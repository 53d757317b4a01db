import { describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import { FormatError } from "../../../src/formats/format-error.ts";
import { createStores } from "../../../src/stores/index.ts";
import { readDocument } from "../../../src/stores/sops/document/document.ts";

const metadata = "sops_version=3.13.3\nsops_lastmodified=2024-01-01T00:00:00Z\nsops_mac=x\n";

/** Documents of a pod author's that would cost a node time or its stack. */
const hostile: readonly (readonly [what: string, format: "dotenv" | "ini" | "json" | "yaml", text: string])[] = [
  ["a key of the metadata with very many levels", "dotenv", `sops_a${"__map_b".repeat(100_000)}=1\n${metadata}`],
  ["JSON that nests deeply", "json", `${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`],
  ["a quote that is never closed", "ini", `[a]\nb = """${"\n".repeat(900_000)}`],
  [
    "very many keys of a section",
    "ini",
    `[a]\n${Array.from({ length: 60_000 }, (_, at) => `k${at}=1`).join("\n")}\n[sops]\nversion=1\n`,
  ],
  ["very many comments", "yaml", `${"#c\n".repeat(20_000)}${"a: 1 #x\n".repeat(100)}sops: {}\n`],
  ["YAML that is not one", "yaml", "{".repeat(1_000)],
];

describe("a document that somebody made to do harm", () => {
  it.each(hostile)(
    "is refused before it does, where what is quadratic would outlast the test: %s",
    (_, format, text) => {
      expect(() => readDocument(Buffer.from(text), format)).toThrow(FormatError);
    },
  );
});

describe("a profile with documents", () => {
  it("names the address of its transit engine, so that no document can choose one that is trusted", async () => {
    const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 1 });
    const store = await stores.load("sops");
    const raw = { vault: { role: "shop" } };
    expect(store.settings("pod").safeParse(raw).success).toBe(true);
    expect(store.settings("operator").safeParse(raw).error?.issues[0]?.path).toEqual(["vault", "address"]);
    await stores.shutdown();
  });
});
