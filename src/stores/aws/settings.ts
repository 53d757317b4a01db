import type { ZodType } from "zod";
import * as z from "zod";
import { regionMistake } from "./regions.ts";
import { awsTags, sortedTags } from "./tags.ts";
import type { AwsSettings } from "./types.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns */
export const roleArnForm = /^arn:[^\s:]+:iam::[0-9]{12}:role\/[\x21-\x7e]+$/;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const externalIdForm = /^[\w+=,.@:/-]{2,1224}$/;

const roleArn = z.string().regex(roleArnForm, "must be the ARN of an IAM role");

const region = z.string().superRefine((text, context) => {
  const mistake = regionMistake(text);
  if (mistake?.meant !== undefined) {
    context.addIssue({ code: "custom", message: mistake.what, params: { fix: mistake.fix } });
  } else if (mistake !== undefined) {
    context.addIssue({ code: "custom", message: "must be a region, such as eu-west-1" });
  }
});

const written = {
  region,
  roleArn: roleArn.optional(),
  podIdentity: z.union([z.boolean(), z.enum(["auto", "ipv4", "ipv6"])]).optional(),
  assumeRoleArn: roleArn.optional(),
  assumeRoleExternalId: z.string().regex(externalIdForm, "must be 2 to 1224 letters, digits or =,.@:/-+_").optional(),
  sessionTags: awsTags.optional(),
};

/** The settings as the native dialect writes them; operators and pod authors may set the same. */
export function awsSettings(kind: string): ZodType<AwsSettings> {
  return z
    .strictObject({ kind: z.literal(kind).optional(), ...written })
    .superRefine((given, context) => {
      const complain = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
      if (given.roleArn !== undefined && isOn(given.podIdentity)) complain("roleArn", "excludes podIdentity");
      if (given.assumeRoleArn !== undefined) return;
      if (given.assumeRoleExternalId !== undefined) complain("assumeRoleExternalId", "needs assumeRoleArn");
      if (given.sessionTags !== undefined) complain("sessionTags", "needs assumeRoleArn");
    })
    .transform(settingsOf);
}

type Written = z.infer<z.ZodObject<typeof written>>;

function isOn(podIdentity: Written["podIdentity"]): boolean {
  return podIdentity !== undefined && podIdentity !== false;
}

function settingsOf(given: Written): AwsSettings {
  const { region, roleArn: role, podIdentity, assumeRoleArn, assumeRoleExternalId: externalId } = given;
  const address = podIdentity === true || podIdentity === undefined || podIdentity === false ? "auto" : podIdentity;
  const tags = sortedTags(given.sessionTags ?? {});
  return {
    region,
    identity: isOn(podIdentity) ? { by: "podIdentity", address } : { by: "webIdentity", roleArn: role },
    ...(assumeRoleArn === undefined ? {} : { assume: { roleArn: assumeRoleArn, externalId, sessionTags: tags } }),
  };
}
