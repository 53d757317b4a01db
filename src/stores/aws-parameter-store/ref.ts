import type { ZodType } from "zod";
import * as z from "zod";
import { awsName } from "../aws/names.ts";
import type { AwsParameterRef } from "../aws/types.ts";

/**
 * A ref as the native dialect writes it: `name` is a name or an ARN; `version` and `label` cannot both be set. `version: previous`
 * is the version before the newest.
 */
export const awsParameterRef: ZodType<AwsParameterRef> = z
  .strictObject({
    name: awsName,
    version: z
      .union([z.literal("previous"), z.int().min(1).transform(String), z.string().regex(/^[1-9]\d*$/)], {
        error: "must be a number, or previous",
      })
      .optional(),
    label: z.string().min(1).optional(),
  })
  .refine(({ version, label }) => version === undefined || label === undefined, {
    message: "version and label cannot both be set",
  })
  .transform(({ name, version, label }, context) => {
    const { name: plain, selector } = splitSelector(name);
    const own = version ?? label;
    if (selector !== undefined && own !== undefined) {
      context.addIssue({ code: "custom", path: ["name"], message: "already has a version or label in it" });
      return z.NEVER;
    }
    if (own === "previous" && label === undefined)
      return { ...parameterRef(plain, undefined), previous: true as const };
    return parameterRef(plain, selector ?? own);
  });

/** The ref of a parameter; an empty selector is none. */
export function parameterRef(name: string, selector: string | undefined): AwsParameterRef {
  return { service: "ssm", name, ...(selector === undefined || selector === "" ? {} : { selector }) };
}

/**
 * Takes `name:3` and `name:label` apart. A name itself holds no colon, and an ARN none after its fifth
 * (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html).
 */
export function splitSelector(name: string): { readonly name: string; readonly selector: string | undefined } {
  const colons = name.startsWith("arn:") ? 5 : 0;
  const parts = name.split(":");
  if (parts.length <= colons + 1) return { name, selector: undefined };
  return { name: parts.slice(0, colons + 1).join(":"), selector: parts.slice(colons + 1).join(":") };
}

/** Whether a selector is a version number, which always names the same value. */
export function isVersion(selector: string | undefined): boolean {
  return selector !== undefined && /^\d+$/.test(selector);
}

/** The ref for people, as the API takes it. */
export function nameOfParameter({ name, selector, previous }: AwsParameterRef): string {
  if (previous === true) return `${name}, the version before the newest`;
  return selector === undefined ? name : `${name}:${selector}`;
}
