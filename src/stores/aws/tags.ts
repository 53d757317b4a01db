import * as z from "zod";

const tags = z.record(z.string().min(1).max(128), z.string().max(256));

/**
 * Tags by key, as AWS limits them (https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html). `__proto__` is refused:
 * zod's records leave it out without a word, and a condition less is another condition.
 */
export const awsTags = z.preprocess((value, context) => {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) {
    context.addIssue({ code: "custom", message: "__proto__ is not a tag" });
  }
  return value;
}, tags);

/** Tags in an order that does not hang on how they were written. */
export function sortedTags(given: z.infer<typeof tags>): readonly (readonly [key: string, value: string])[] {
  return Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
}
