import { parseGoBool } from "../../config/go-bool.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import { regionMistake } from "../../stores/aws/regions.ts";
import { externalIdForm, roleArnForm } from "../../stores/aws/settings.ts";
import type { AssumedRole, AwsIdentity, AwsSettings, PodIdentityAddress } from "../../stores/aws/types.ts";
import type { DialectInput } from "../dialect.ts";
import type { OperatorAws } from "./operator.ts";

/** The region that secrets are asked in; empty where nobody named one. */
export function regionOf({ parameters, own }: DialectInput<OperatorAws>): string {
  return parameters.get("region") || own.region || "";
}

/** The regions that are asked where the first one does not answer, in order: `failoverRegion`, then `failoverRegions`. */
export function failoverRegionsOf({ parameters }: DialectInput): readonly string[] {
  const one = parameters.get("failoverRegion") ?? "";
  const more = (parameters.get("failoverRegions") ?? "").split(",").map((region) => region.trim());
  return [...new Set([one, ...more])].filter((region) => region !== "");
}

/** Region, and how the pod's identity becomes a role's; notes what is missing or wrong. */
export function readSettings(input: DialectInput, region: string, problems: Problems): AwsSettings | undefined {
  const before = problems.count;
  noteRegion(region, problems);
  for (const other of failoverRegionsOf(input)) noteFailoverRegion(other, region, problems);
  const identity = readIdentity(input, problems);
  const assume = readAssumedRole(input, problems);
  return problems.count === before ? { region, identity, ...(assume === undefined ? {} : { assume }) } : undefined;
}

/** The region becomes part of host names that a pod's token is sent to, so it may be nothing but a label. */
function noteRegion(region: string, problems: Problems): void {
  if (region === "") {
    const message = "no region is known: neither the SecretProviderClass nor the operator names one";
    problems.add("LK0003", "region", message, "set `region`, or have the operator start Latchkey with --aws-region");
  } else {
    noteRegionForm("region", region, problems);
  }
}

function noteRegionForm(parameter: string, region: string, problems: Problems): void {
  const mistake = regionMistake(region);
  if (mistake !== undefined) problems.add("LK0003", parameter, `${quoted(region)} ${mistake.what}`, mistake.fix);
}

function noteFailoverRegion(failover: string, region: string, problems: Problems): void {
  if (failover === region) {
    const message = `${quoted(failover)}: failover region cannot be the same as the primary region`;
    problems.add("LK0003", "failoverRegion", message, "remove failoverRegion, or write another one");
  } else {
    noteRegionForm("failoverRegion", failover, problems);
  }
}

function readIdentity({ parameters }: DialectInput, problems: Problems): AwsIdentity {
  const roleArn = parameters.get("roleArn") || undefined;
  noteRole("roleArn", roleArn, problems);
  const text = parameters.get("usePodIdentity") ?? "";
  const use = text === "" ? false : parseGoBool(text);
  if (use === undefined) {
    const message = `failed to parse usePodIdentity value ${quoted(text)}`;
    problems.add("LK0003", "usePodIdentity", message, "write true or false");
  }
  if (use !== true) return { by: "webIdentity", roleArn };
  if (roleArn !== undefined) {
    const message = "roleArn cannot be used with usePodIdentity: the association gives the role";
    problems.add("LK0003", "roleArn", message, "remove roleArn, or set assumeRoleArn to assume a second role");
  }
  return { by: "podIdentity", address: addressOf(parameters.get("preferredAddressType") ?? "") };
}

/** Anything that is no address type means `auto`, as today. */
function addressOf(text: string): PodIdentityAddress {
  const address = text.toLowerCase();
  return address === "ipv4" || address === "ipv6" ? address : "auto";
}

function readAssumedRole({ parameters }: DialectInput, problems: Problems): AssumedRole | undefined {
  const roleArn = parameters.get("assumeRoleArn") || undefined;
  const externalId = parameters.get("assumeRoleExternalId") || undefined;
  const tags = parameters.get("assumeRoleSessionTags") ?? "";
  noteRole("assumeRoleArn", roleArn, problems);
  if (externalId !== undefined && !externalIdForm.test(externalId)) {
    const message = `${quoted(externalId)} is not an external id`;
    problems.add("LK0003", "assumeRoleExternalId", message, "write 2 to 1224 letters, digits or =,.@:/-+_");
  }
  if (roleArn === undefined && (externalId !== undefined || tags !== "")) {
    const message = "assumeRoleExternalId and assumeRoleSessionTags need assumeRoleArn";
    problems.add("LK0003", "assumeRoleArn", message, "set assumeRoleArn, or remove the others");
  }
  return roleArn === undefined ? undefined : { roleArn, externalId, sessionTags: readTags(tags, problems) };
}

/** `key=value` pairs, separated by commas. */
function readTags(text: string, problems: Problems): AssumedRole["sessionTags"] {
  const pairs = text.split(",").map((pair) => pair.trim());
  const tags = pairs.flatMap((pair): readonly (readonly [string, string])[] => {
    const equals = pair.indexOf("=");
    if (equals > 0) return [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
    if (pair !== "")
      problems.add("LK0003", "assumeRoleSessionTags", `${quoted(pair)} is not a tag`, "write key=value,key=value");
    return [];
  });
  return tags.sort(([a], [b]) => (a < b ? -1 : 1));
}

function noteRole(parameter: string, roleArn: string | undefined, problems: Problems): void {
  if (roleArn === undefined || roleArnForm.test(roleArn)) return;
  const message = `${quoted(roleArn)} is not the ARN of a role`;
  problems.add("LK0003", parameter, message, "write arn:aws:iam::ACCOUNT:role/NAME");
}
