import type { ZodType } from "zod";
import * as z from "zod";
import type { AwsFamily } from "../aws/family.ts";
import { awsSettings } from "../aws/settings.ts";
import type { AwsKeyRef, AwsSettings } from "../aws/types.ts";
import type { Store } from "../store.ts";

/** https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN */
const keyArn = /^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)\/[A-Za-z0-9/_-]{1,256}$/;

const base64 = z.string().regex(/^[A-Za-z0-9+/]{4,8192}={0,2}$/, "must be base64");

const awsKeyRef: ZodType<AwsKeyRef> = z
  .strictObject({
    key: z.string().regex(keyArn, "must be the ARN of a KMS key"),
    ciphertext: base64.optional(),
    plaintext: base64.optional(),
    context: z
      .array(z.tuple([z.string(), z.string()]))
      .max(100)
      .default([]),
  })
  .refine(({ ciphertext, plaintext }) => (ciphertext === undefined) !== (plaintext === undefined), "must have one text")
  .transform(({ key, ciphertext, plaintext, context }) => ({
    service: "kms",
    keyId: key,
    text: ciphertext ?? plaintext ?? "",
    ...(ciphertext === undefined ? { wraps: true as const } : {}),
    context: [...context].sort(([one], [other]) => (one < other ? -1 : 1)),
  }));

/** Unwraps keys by AWS KMS, with the sessions of the AWS stores. */
export function createAwsKms(family: AwsFamily): Store<AwsSettings, AwsKeyRef> {
  return {
    ...family,
    kind: "aws-kms",
    settings: () => awsSettings("aws-kms"),
    ref: awsKeyRef,
    search: { query: z.never("keys are not searched for"), refOf: (query) => query },
    nameOf: ({ keyId }) => keyId,
  };
}
