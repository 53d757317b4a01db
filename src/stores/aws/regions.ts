import { nearest } from "../../nearest.ts";

/** Every region of every partition that the SDK knows (a test compares them). Newer ones are taken by their form. */
export const knownRegions: readonly string[] = [
  "af-south-1",
  ...["ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2"],
  ...["ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"],
  ...["ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-central-2"],
  ...["eu-isoe-west-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"],
  ...["eusc-de-east-1", "il-central-1", "me-central-1", "me-south-1", "me-west-1", "mx-central-1", "sa-east-1"],
  ...["sa-west-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-iso-east-1", "us-iso-west-1"],
  ...["us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1", "us-west-1", "us-west-2"],
];

const known: ReadonlySet<string> = new Set(knownRegions);

/** Whether this version knows the region. */
export function isKnownRegion(region: string): boolean {
  return known.has(region);
}

/** A region is one label of a host name, whoever wrote it: nothing else may get into an endpoint's address. */
export const regionLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The mistake in a text that stands in place of a region. */
export interface RegionMistake {
  /** Goes on from the text, such as "is a zone of eu-west-1 and not a region". */
  readonly what: string;
  readonly fix: string;
  /** The region that is meant, as far as can be told. */
  readonly meant?: string | undefined;
}

/**
 * Returns the mistake in a text that stands in place of a region; undefined for a region, for an unknown one that may
 * be new, and for a label that resembles none: an endpoint of the operator's may have a meaning for it.
 */
export function regionMistake(text: string): RegionMistake | undefined {
  if (known.has(text)) return undefined;
  const word = text.slice(0, longest).trim().toLowerCase();
  const fips = fipsForm.exec(word);
  const inFips = fips?.[1] ?? fips?.[2];
  if (inFips !== undefined && isRegionLike(inFips)) {
    return mistake(
      "is the name of a FIPS endpoint and not a region",
      inFips,
      ", and have the operator set --aws-use-fips",
    );
  }
  const zone = known.has(word) ? undefined : zoneOf(word);
  if (zone !== undefined) return mistake(`is a zone of ${zone} and not a region`, zone);
  if (regionLabel.test(text) && isRegionLike(text) && !isMistyped(text)) return undefined;
  const meant = known.has(word) ? word : nearest(word.replace(/[_ ]/g, "-"), knownRegions);
  if (meant !== undefined) return mistake("is not a region", meant);
  return regionLabel.test(text) ? undefined : { what: "is not a region", fix: "write one such as eu-west-1" };
}

const longest = 64;

function mistake(what: string, meant: string, more = ""): RegionMistake {
  return { what, meant, fix: `write ${meant}${more}` };
}

/** As the SDKs of AWS once took them (https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html). */
const fipsForm = /^(?:fips-(.+)|(.+)-fips)$/;

/** Also regions that are newer than this list. */
const form =
  /^([a-z]{2,4})(?:-[a-z]{2,4})?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9][0-9]?$/;

/** Whether it is a region, or has the form of one that may be newer than this version. */
export function isRegionLike(text: string): boolean {
  return known.has(text) || form.test(text);
}

const prefixes: ReadonlySet<string> = new Set(knownRegions.map((region) => region.split("-", 1)[0] ?? ""));

/** Of the right form, but as near to a known region as a slip of the finger in front: `ue-west-1`. */
function isMistyped(text: string): boolean {
  const [prefix = "", ...rest] = text.split("-");
  if (prefixes.has(prefix)) return false;
  const twins = [...prefixes].filter((each) => known.has([each, ...rest].join("-")));
  return twins.some((each) => [...each].sort().join("") === [...prefix].sort().join(""));
}

/** `eu-west-1a`, `us-west-2-lax-1a` and the ids of zones, `euw1-az2`. */
function zoneOf(word: string): string | undefined {
  const [, region = ""] = /^(.+-[0-9]+)(?:[a-z]|-[a-z0-9-]+)$/.exec(word) ?? [];
  const outer = knownRegions.find((each) => each === region || word.startsWith(`${each}-`));
  if (outer !== undefined) return outer;
  const [, short = ""] = /^([a-z]+[0-9])-az[0-9]+$/.exec(word) ?? [];
  return knownRegions.find((each) => shortOf(each) === short);
}

/** As the ids of its zones begin: `use1`, `apne1`, `usgw1` (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html). */
function shortOf(region: string): string {
  const directions = /north|south|east|west|central/g;
  const [prefix = "", ...rest] = region.split("-");
  return prefix + rest.map((part) => part.replace(directions, (word) => word[0] ?? "").replace(/^gov$/, "g")).join("");
}
