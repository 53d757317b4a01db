import { describe, expect, it } from "vitest";
import fc from "../../property.ts";
import { scaled } from "../../scale.ts";
import { problemsOf } from "../plan-of.ts";

const runs = scaled(1_500);

const keys =
  "objectName OBJECTNAME objectType objectAlias objectVersion objectVersionLabel filePermission jmesPath path failoverObject decode stringify allKeys __proto__";
const words =
  "a b a/b ../a .. . ..data secretsmanager ssmparameter ssm arn:aws:ssm:eu-west-1:1:parameter/x arn:aws:secretsmanager:eu-central-1:1:secret:b arn: a:1 '0600' 0600 '0644' 1.10 yes null ~ @ foo( to_string(@) '@.a[::0]' base64 true &a *a !!binary <<: {} []";
const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words.split(" ")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);
const node = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, scalar, tie("list"), tie("map")),
  list: fc.array(tie("any"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
  map: fc
    .array(fc.tuple(fc.constantFrom(...keys.split(" ")), tie("any")), { maxLength: 7 })
    .map((pairs) => `{${pairs.map(([key, value]) => `${key}: ${value}`).join(", ")}}`),
}));
const sound = fc
  .tuple(scalar, scalar, node.any)
  .map(
    ([name, alias, jmes]) =>
      `{objectName: ${name}, objectType: ssmparameter, objectAlias: ${alias}, jmesPath: ${jmes}}`,
  );
const objects = fc.array(fc.oneof(node.map, sound), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`);
const odd = fc.record(
  {
    objects,
    region: fc.constantFrom("eu-west-1", "", "a b", "eu-west-1/"),
    failoverRegion: fc.constantFrom("eu-central-1", "eu-west-1", "@"),
    failoverRegions: scalar,
    pathTranslation: fc.constantFrom("False", "-", "/", "--", "\0"),
    usePodIdentity: fc.constantFrom("true", "0", "yes"),
    preferredAddressType: scalar,
    roleArn: scalar,
    assumeRoleArn: scalar,
    assumeRoleExternalId: scalar,
    assumeRoleSessionTags: scalar,
  },
  { requiredKeys: ["objects"] },
);

const simple = fc.tuple(scalar, scalar).map(([name, alias]) => {
  return {
    objects: `[{objectName: ${name}, objectType: ssmparameter, objectAlias: ${alias}, jmesPath: [{path: ${alias}, objectAlias: x}]}]`,
  };
});
const parameters = fc.oneof(
  simple,
  objects.map((text) => ({ objects: text })),
  odd,
);

describe("generated aws parameters", () => {
  it("are a plan, or problems that each have an id and are short", async () => {
    let plans = 0;
    await fc.assert(
      fc.asyncProperty(parameters, async (given) => {
        const problems = await problemsOf("aws", { region: "eu-west-1", ...(given as Record<string, string>) });
        if (problems.length === 0) plans += 1;
        for (const problem of problems) expect(problem).toMatch(/^LK00\d\d[ :][\s\S]{1,1500}$/);
      }),
      { numRuns: runs },
    );
    expect(plans).toBeGreaterThan(runs / 150);
  }, 60_000);
});
