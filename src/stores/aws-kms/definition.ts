import { awsFamily } from "../aws/definition.ts";
import type { AwsFamily } from "../aws/family.ts";
import type { KeyServiceDefinition } from "../definition.ts";

/** AWS KMS, which unwraps keys. */
export const awsKms: KeyServiceDefinition<AwsFamily> = {
  kind: "aws-kms",
  family: awsFamily,
  mostAtOnce: () => 1,
  wrapping: {
    scheme: "aws-kms",
    form: "aws-kms:ARN",
    settings: (key, { role }) => ({ region: key.split(":")[3] ?? "", roleArn: role }),
    ref: (key, part) => ({ key, ...part }),
  },
  load: async (family) => (await import("./index.ts")).createAwsKms(family),
};
