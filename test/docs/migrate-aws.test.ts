import { describe, expect, it } from "vitest";
import type { Option } from "../../src/config/option.ts";
import { flagOf } from "../../src/config/options.ts";
import { awsPeer, awsVariables } from "../../src/dialects/aws/peer.ts";
import { awsOptions } from "../../src/stores/aws/options.ts";
import { readDocument } from "./documents.ts";

const page = await readDocument("docs/migrate-aws.md");
const rows = page.split("\n").filter((line) => line.trimStart().startsWith("| `"));

function rowOf(name: string): string {
  return rows.find((row) => row.split("|")[1]?.includes(`\`${name}\``)) ?? "";
}

/** spec/aws.md 1.1, 1.2 and what Latchkey adds. */
const parameters = [
  ..."objects region failoverRegion pathTranslation usePodIdentity preferredAddressType".split(" "),
  ..."objectName objectType objectAlias objectVersion objectVersionLabel filePermission jmesPath failoverObject".split(
    " ",
  ),
  ..."roleArn assumeRoleArn assumeRoleExternalId assumeRoleSessionTags failoverRegions".split(" "),
];

describe("docs/migrate-aws.md", () => {
  it.each(awsPeer.flags)("says of -$name what the command line answers", ({ name, flags }) => {
    const row = rowOf(`-${name}`);
    expect([row !== "", flags.filter((flag) => !row.includes(flag))]).toEqual([true, []]);
  });

  it.each(Object.entries<Option>(awsOptions).filter(([, { env = [] }]) => env.length > 0))(
    "says which flag the variable of %s is",
    (name, { env = [] }) => {
      for (const variable of env.flat()) expect(rowOf(variable)).toContain(`\`${flagOf(name)}\``);
    },
  );

  it.each(awsVariables.map(({ variable }) => variable))("says that %s does nothing", (name) => {
    expect(rowOf(name)).toContain("warned about");
  });

  it.each(parameters)("has the parameter or field %s", (name) => {
    expect(rowOf(name)).not.toBe("");
  });

  it("names no variable that there is not", () => {
    const known = new Set([
      ...Object.values<Option>(awsOptions).flatMap(({ env = [], unless = "" }) => [...env.flat(), unless]),
      ...awsVariables.map(({ variable }) => variable),
    ]);
    const named = [...page.matchAll(/\bAWS_[A-Z_]+[A-Z]\b/g)].map(([name]) => name);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
