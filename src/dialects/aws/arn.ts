import { ProviderError } from "../../errors.ts";
import { quoted } from "../../plan/problems.ts";

/** The services that an object can come from. */
export type AwsService = "secretsmanager" | "ssmparameter";

const services: ReadonlyMap<string, AwsService> = new Map([
  ["secretsmanager", "secretsmanager"],
  ["ssmparameter", "ssmparameter"],
  ["ssm", "ssmparameter"],
]);

/**
 * Which service an object comes from, by its type or its ARN, in the order of today's checks; `region` is the one that
 * it will be asked in, and `parameter` what names that one. Throws `LK0003`. A name is an ARN when it starts with `arn:` in lower case.
 */
export function serviceOf(name: string, objectType: string, region: string, parameter = "region"): AwsService {
  const arnService = name.startsWith("arn:") ? readArn(name, region, parameter) : undefined;
  if (objectType === "") {
    if (arnService === undefined) {
      throw wrong(`must use objectType when a full ARN is not specified: ${quoted(name)}`, typeFix);
    }
    const service = services.get(arnService);
    if (service === undefined) throw wrong(`invalid service in ARN: ${quoted(arnService)}`, arnFix);
    return service;
  }
  if (objectType !== "secretsmanager" && objectType !== "ssmparameter") {
    throw wrong(`invalid objectType: ${quoted(objectType)}`, typeFix);
  }
  if (arnService !== undefined && services.get(arnService) !== objectType) {
    throw wrong(`objectType does not match ARN: ${quoted(name)}`, "correct objectType, or leave it out");
  }
  return objectType;
}

const typeFix = "write objectType: secretsmanager or ssmparameter";
const arnFix =
  "write an ARN such as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME";

/** The service of an ARN. Go splits at the first five colons, so what follows may hold more. */
function readArn(arn: string, region: string, parameter: string): string {
  const sections = arn.split(":");
  if (sections.length < 6) throw wrong(`invalid ARN format in object name: ${quoted(arn)}`, arnFix);
  if (sections[3] !== region) {
    throw wrong(
      `ARN region must match region ${region}: ${quoted(arn)}`,
      `set \`${parameter}\` to the region of the ARN`,
    );
  }
  return sections[2] ?? "";
}

function wrong(message: string, fix: string): ProviderError {
  return new ProviderError("LK0003", message, { fix });
}
