import { type ZodType, z } from "zod";
import type { AwsSettings } from "./types.ts";

/** A region is one label of a host name, whoever wrote it: nothing else may get into an endpoint's address. */
export const regionForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The settings as the native dialect writes them; operators and pod authors may set the same. */
export const awsSettings: ZodType<AwsSettings> = z
  .strictObject({
    kind: z.literal("aws-secrets-manager").optional(),
    region: z.string().regex(regionForm, "must be a region, such as eu-west-1"),
    roleArn: z
      .string()
      .regex(/^arn:[^\s\p{Cc}]+$/u, "must be the ARN of an IAM role")
      .optional(),
  })
  .transform(({ kind: _, ...settings }) => settings);
