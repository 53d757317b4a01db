import { describe, expect, it } from "vitest";
import { problemsOf } from "./plan-of.ts";

const aws = { objects: "[{ objectName: a, objectType: secretsmanager, objectAlias: b }]" };

const native = (region: string) => ({
  stores: `a: { kind: aws-secrets-manager, region: ${JSON.stringify(region)} }`,
  secrets: "[{ store: a, name: n, files: [{ path: p }] }]",
});

describe("a region that is none", () => {
  it("is refused with the one that is meant, by lint as by a mount: aws", async () => {
    const cases = [
      [
        "us-east-1-fips",
        'LK0003 region: "us-east-1-fips" is the name of a FIPS endpoint and not a region. Fix: write us-east-1, and have the operator set --aws-use-fips',
      ],
      ["eu-west-1a", 'LK0003 region: "eu-west-1a" is a zone of eu-west-1 and not a region. Fix: write eu-west-1'],
      ["eu-cental-1", 'LK0003 region: "eu-cental-1" is not a region. Fix: write eu-central-1'],
    ] as const;
    for (const [region, text] of cases) expect(await problemsOf("aws", { ...aws, region })).toEqual([text]);
  });

  it("is refused as a failover region too: aws", async () => {
    const region = "eu-west-1";
    expect(await problemsOf("aws", { ...aws, region, failoverRegion: "eu-cental-1" })).toEqual([
      'LK0003 failoverRegion: "eu-cental-1" is not a region. Fix: write eu-central-1',
    ]);
    expect(await problemsOf("aws", { ...aws, region, failoverRegions: "eu-central-1,use1-az1" })).toEqual([
      'LK0003 failoverRegion: "use1-az1" is a zone of us-east-1 and not a region. Fix: write us-east-1',
    ]);
  });

  it("is refused with the one that is meant: latchkey", async () => {
    expect(await problemsOf("latchkey", native("fips-eu-west-1"))).toEqual([
      "LK0020 stores.a.region: is the name of a FIPS endpoint and not a region at line 1, column 33. Fix: write eu-west-1, and have the operator set --aws-use-fips",
    ]);
    expect(await problemsOf("latchkey", native("eu_west_1"))).toEqual([
      "LK0020 stores.a.region: is not a region at line 1, column 33. Fix: write eu-west-1",
    ]);
  });
});
