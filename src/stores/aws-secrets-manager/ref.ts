import type { ZodType } from "zod";
import * as z from "zod";
import { awsName } from "../aws/names.ts";
import type { AwsSecretRef } from "../aws/types.ts";

/** A ref as the native dialect writes it: `name` is a name or an ARN; `version: previous` is the stage AWSPREVIOUS. */
export const awsSecretRef: ZodType<AwsSecretRef> = z
  .strictObject({
    name: awsName,
    versionId: z.string().min(1).optional(),
    versionStage: z.string().min(1).optional(),
    version: z
      .literal("previous", { error: "must be previous; write other versions in versionId or versionStage" })
      .optional(),
  })
  .refine(
    ({ version, versionId, versionStage }) => version === undefined || (versionId ?? versionStage) === undefined,
    {
      path: ["version"],
      message: "excludes versionId and versionStage",
    },
  )
  .transform(({ name, version, ...rest }) => {
    const stage = version === undefined ? rest : { versionStage: "AWSPREVIOUS" };
    return { service: "secretsmanager", secretId: name, ...stage };
  });

/** The ref for people: name, version and stage. */
export function nameOfSecret({ secretId, versionId, versionStage }: AwsSecretRef): string {
  return [secretId, versionId && `version ${versionId}`, versionStage && `stage ${versionStage}`]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
}
