import { parseGoBool } from "../../config/go-bool.ts";
import { regionForm } from "../../stores/aws-secrets-manager/settings.ts";
import type { AwsSettings } from "../../stores/aws-secrets-manager/types.ts";
import type { DialectInput } from "../dialect.ts";
import { type Problems, quoted } from "../problems.ts";

/** The region that secrets are asked in; empty where nobody named one. */
export function regionOf({ parameters, operator }: DialectInput): string {
  return parameters.get("region") || operator.aws.region || "";
}

/** The region that is asked where the first one does not answer; empty where there is none. */
export function failoverRegionOf({ parameters }: DialectInput): string {
  return parameters.get("failoverRegion") ?? "";
}

/** Region and role; notes what is missing, wrong or not supported. */
export function readSettings(input: DialectInput, region: string, problems: Problems): AwsSettings | undefined {
  const { parameters } = input;
  const before = problems.count;
  noteRegion(region, problems);
  noteFailoverRegion(failoverRegionOf(input), region, problems);
  notePodIdentity(parameters.get("usePodIdentity") ?? "", problems);
  const roleArn = parameters.get("roleArn") || undefined;
  if (roleArn !== undefined && !/^arn:[^:]+:iam::[0-9]{12}:role\/./.test(roleArn)) {
    problems.add(
      "LK0003",
      "roleArn",
      `${quoted(roleArn)} is not the ARN of a role`,
      "write arn:aws:iam::ACCOUNT:role/NAME",
    );
  }
  return problems.count === before ? { region, roleArn } : undefined;
}

/** The region becomes part of host names that a pod's token is sent to, so it may be nothing but a label. */
function noteRegion(region: string, problems: Problems): void {
  if (region === "") {
    const message = "no region; taking it from the node's labels is not supported yet";
    problems.add("LK0004", "region", message, "set `region`, or have the operator start Latchkey with --aws-region");
  } else {
    noteRegionForm("region", region, problems);
  }
}

function noteRegionForm(parameter: string, region: string, problems: Problems): void {
  if (regionForm.test(region)) return;
  problems.add("LK0003", parameter, `${quoted(region)} is not a region`, "write one such as eu-west-1");
}

function noteFailoverRegion(failover: string, region: string, problems: Problems): void {
  if (failover === "") return;
  if (failover === region) {
    const message = `${quoted(failover)}: failover region cannot be the same as the primary region`;
    problems.add("LK0003", "failoverRegion", message, "remove failoverRegion, or write another one");
  } else {
    noteRegionForm("failoverRegion", failover, problems);
  }
}

function notePodIdentity(text: string, problems: Problems): void {
  if (text === "") return;
  const use = parseGoBool(text);
  if (use === undefined) {
    const message = `failed to parse usePodIdentity value ${quoted(text)}`;
    problems.add("LK0003", "usePodIdentity", message, "write true or false");
  } else if (use) {
    const fix = "use a role with a web identity (IRSA): annotate the service account with eks.amazonaws.com/role-arn";
    problems.add("LK0004", "usePodIdentity", "EKS Pod Identity is not supported yet", fix);
  }
}
