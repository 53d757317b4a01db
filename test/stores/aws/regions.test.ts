import { describe, expect, it } from "vitest";
import { isKnownRegion, knownRegions, regionMistake } from "../../../src/stores/aws/regions.ts";

/** The SDK keeps its list to itself. */
async function regionsOfSdk(): Promise<readonly string[]> {
  const path = "@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js";
  const { partitionsInfo } = (await import(new URL(`../../../node_modules/${path}`, import.meta.url).href)) as {
    readonly partitionsInfo: { readonly partitions: readonly { readonly regions: object }[] };
  };
  return partitionsInfo.partitions.flatMap(({ regions }) => Object.keys(regions));
}

describe("regions of AWS", () => {
  it("are those that the SDK knows", async () => {
    const all = await regionsOfSdk();
    expect([...knownRegions].sort()).toEqual(all.filter((name) => !name.endsWith("-global")).sort());
  });

  it.each(knownRegions)("have nothing wrong with them: %s", (region) => {
    expect([regionMistake(region), isKnownRegion(region)]).toEqual([undefined, true]);
  });

  it.each(["us-east-3", "eu-west-9", "ap-southeast-12", "nz-south-1", "us-isox-west-1", "eusc-fr-west-2"])(
    "can be newer than this version: %s",
    (region) => {
      expect([regionMistake(region), isKnownRegion(region)]).toEqual([undefined, false]);
    },
  );

  it.each(["local", "test", "moto"])("can be a word that an endpoint has a meaning for: %s", (region) => {
    expect(regionMistake(region)).toBeUndefined();
  });

  const mistakes: readonly (readonly [text: string, what: string, fix: string])[] = [
    ...["us-east-1-fips", "fips-us-east-1", "FIPS-us-east-1"].map((text) => {
      return [
        text,
        "is the name of a FIPS endpoint and not a region",
        "write us-east-1, and have the operator set --aws-use-fips",
      ] as const;
    }),
    [
      "us-gov-west-1-fips",
      "is the name of a FIPS endpoint and not a region",
      "write us-gov-west-1, and have the operator set --aws-use-fips",
    ],
    ["eu-west-1a", "is a zone of eu-west-1 and not a region", "write eu-west-1"],
    ["us-gov-east-1c", "is a zone of us-gov-east-1 and not a region", "write us-gov-east-1"],
    ["us-west-2-lax-1a", "is a zone of us-west-2 and not a region", "write us-west-2"],
    ["us-east-1-wl1-bos-wlz-1", "is a zone of us-east-1 and not a region", "write us-east-1"],
    ["use1-az4", "is a zone of us-east-1 and not a region", "write us-east-1"],
    ["apne1-az1", "is a zone of ap-northeast-1 and not a region", "write ap-northeast-1"],
    ["usgw1-az2", "is a zone of us-gov-west-1 and not a region", "write us-gov-west-1"],
    ["eu-cental-1", "is not a region", "write eu-central-1"],
    ["eu-centrall-1", "is not a region", "write eu-central-1"],
    ["ue-west-1", "is not a region", "write eu-west-1"],
    ["us-east", "is not a region", "write us-east-1"],
    ["euwest1", "is not a region", "write eu-west-1"],
    ["EU-WEST-1", "is not a region", "write eu-west-1"],
    ["eu_west_1", "is not a region", "write eu-west-1"],
    [" eu-west-1", "is not a region", "write eu-west-1"],
    ["ap-sotheast-2", "is not a region", "write ap-southeast-2"],
    ["eu-west-01", "is not a region", "write eu-west-1"],
    ["a.b/c", "is not a region", "write one such as eu-west-1"],
    ["x\ny", "is not a region", "write one such as eu-west-1"],
    ["", "is not a region", "write one such as eu-west-1"],
    ["x".repeat(64), "is not a region", "write one such as eu-west-1"],
  ];
  it.each(mistakes)("are not %j, which %s: %s", (text, what, fix) => {
    expect(regionMistake(text)).toMatchObject({ what, fix });
  });

  it("are looked for in a long text at once", () => {
    expect(regionMistake(`${"us-east-1-".repeat(100_000)}`)).toBeDefined();
  });
});
