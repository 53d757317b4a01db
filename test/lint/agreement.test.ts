import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { dialectNames } from "../../src/dialects/index.ts";
import { commonNames, splitParameters } from "../../src/plan/common-parameters.ts";
import { problemsOf } from "../dialects/plan-of.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { generatedParameters } from "./generated.ts";
import { lintText } from "./lint-of.ts";

const runs = scaled(5_000);

/** A region of the operator: where there is none, lint takes one that fits, as a mount takes the node's own. */
const around = { profiles: [], aws: { region: "eu-west-1" } };

describe("lint and the mount's plan", () => {
  it.each(dialectNames)(
    `agree about ${runs} generated SecretProviderClasses of %s, in any style of YAML`,
    async (provider) => {
      const styles = fc.constantFrom("BLOCK_LITERAL", "QUOTE_DOUBLE", "PLAIN", "BLOCK_FOLDED" as const);
      const common: readonly (string | undefined)[] = commonNames;
      let clean = 0;
      await fc.assert(
        fc.asyncProperty(generatedParameters[provider], styles, async (texts, style) => {
          const object = {
            apiVersion: "secrets-store.csi.x-k8s.io/v1",
            kind: "SecretProviderClass",
            metadata: { name: "a", namespace: "shop" },
            spec: { provider, parameters: texts },
          };
          const yaml = stringify(object, { defaultStringType: style as "BLOCK_LITERAL", version: "1.1" });
          const { findings } = await lintText(yaml, around);
          // Not every style can say every text: a text of blanks is empty in a block.
          const written = parse(yaml, { version: "1.1" }).spec.parameters as Record<string, string>;
          const own = Object.fromEntries(splitParameters(new Map(Object.entries(written))).own);
          const problems = await problemsOf(provider, own, around);
          // LK0021 is no word of the plan: the operator has to allow that login (test/cli/agreement.test.ts).
          const found = findings.filter(
            ({ severity, id, subject }) =>
              severity === "error" && id.startsWith("LK") && id !== "LK0021" && !common.includes(subject),
          );
          if (found.length !== problems.length) throw new Error(JSON.stringify({ yaml, found, problems }, null, 1));
          const lines = yaml.split("\n").length;
          if (!findings.every(({ line, column }) => line >= 1 && line <= lines && column >= 1))
            throw new Error("a place outside of the file");
          if (problems.length === 0) clean++;
        }),
        { numRuns: runs },
      );
      // Neither side of the question may be rare.
      expect(clean).toBeGreaterThan(runs * 0.03);
      expect(clean).toBeLessThan(runs * 0.97);
    },
    120_000,
  );
});
