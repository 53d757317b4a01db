import type { ZodType } from "zod";
import * as z from "zod";
import { awsName } from "../aws/names.ts";
import type { AwsSecretRef } from "../aws/types.ts";

/** A ref as the native dialect writes it: `name` is a name or an ARN. */
export const awsSecretRef: ZodType<AwsSecretRef> = z
  .strictObject({
    name: awsName,
    versionId: z.string().min(1).optional(),
    versionStage: z.string().min(1).optional(),
  })
  .transform(({ name, ...version }) => ({ service: "secretsmanager", secretId: name, ...version }));

/** The ref for people: name, version and stage. */
export function nameOfSecret({ secretId, versionId, versionStage }: AwsSecretRef): string {
  return [secretId, versionId && `version ${versionId}`, versionStage && `stage ${versionStage}`]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
}
