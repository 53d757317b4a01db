import { describe, expect, it } from "vitest";
import type { Option } from "../../src/config/option.ts";
import { flagOf } from "../../src/config/options.ts";
import { gcpDialectOptions } from "../../src/dialects/gcp/options.ts";
import { gcpPeer, gcpVariables } from "../../src/dialects/gcp/peer.ts";
import { gcpWords } from "../../src/dialects/gcp/words.ts";
import { gcpOptions } from "../../src/stores/gcp/options.ts";
import { gcpSecretManager } from "../../src/stores/gcp-secret-manager/definition.ts";
import { readDocument } from "./documents.ts";

const page = await readDocument("docs/migrate-gcp.md");
const store = await readDocument("docs/gcp-store.md");
const rows = page.split("\n").filter((line) => line.trimStart().startsWith("| `"));

function rowOf(name: string): string {
  return rows.find((row) => row.split("|")[1]?.includes(`\`${name}\``)) ?? "";
}

describe("docs/migrate-gcp.md", () => {
  it.each(gcpPeer.flags)("says of -$name what the command line answers", ({ name, flags }) => {
    const row = rowOf(`-${name}`);
    expect([row !== "", flags.filter((flag) => !row.includes(flag))]).toEqual([true, []]);
  });

  it.each(Object.entries<Option>({ ...gcpOptions, ...gcpDialectOptions }).filter(([, { env = [] }]) => env.length > 0))(
    "says which flag the variable of %s is",
    (name, { env = [] }) => {
      for (const variable of env.flat()) expect(rowOf(variable)).toContain(`\`${flagOf(name)}\``);
    },
  );

  it.each(gcpVariables.map(({ variable }) => variable))("says that %s does nothing", (name) => {
    expect(rowOf(name)).toContain("warned about");
  });

  it.each(["secrets", "auth", ...gcpWords.fields.map(({ name }) => name)])("has the parameter or field %s", (name) => {
    expect(rowOf(name)).not.toBe("");
  });
});

describe("docs/gcp-store.md", () => {
  it.each(gcpSecretManager.words.settings.map(({ name }) => name))("has the setting %s", (name) => {
    expect(store).toMatch(new RegExp(`^\\| [^|]*\`${name}\``, "m"));
  });
});
