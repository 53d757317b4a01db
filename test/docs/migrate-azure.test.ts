import { describe, expect, it } from "vitest";
import { azurePeer, azureVariables } from "../../src/dialects/azure/peer.ts";
import { azureWords } from "../../src/dialects/azure/words.ts";
import { namesOf } from "../../src/dialects/words.ts";
import { commonNames } from "../../src/plan/common-parameters.ts";
import { readDocument } from "./documents.ts";

const common: readonly string[] = commonNames;

const page = await readDocument("docs/migrate-azure.md");
const rows = page.split("\n").filter((line) => line.startsWith("| `"));

function rowOf(name: string): string {
  return rows.find((row) => row.split("|")[1]?.includes(`\`${name}\``)) ?? "";
}

describe("docs/migrate-azure.md", () => {
  it.each(azurePeer.flags)("says of -$name what the command line answers", ({ name, flags }) => {
    const row = rowOf(`-${name}`);
    expect([row !== "", flags.filter((flag) => !row.includes(flag))]).toEqual([true, []]);
  });

  it.each(azureVariables.map(({ variable }) => variable))("says that %s does nothing", (name) => {
    expect(rowOf(name)).toContain("warned about");
  });

  it.each(namesOf([...azureWords.parameters, ...azureWords.fields]).filter((name) => !common.includes(name)))(
    "has the parameter or field %s",
    (name) => {
      expect(rowOf(name)).not.toBe("");
    },
  );
});
