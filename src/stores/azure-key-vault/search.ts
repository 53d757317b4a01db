import type { ZodType } from "zod";
import * as z from "zod";
import type { AzureSearch } from "../azure/types.ts";
import { objectTypes } from "./ref.ts";

const tags = z.record(z.string().min(1).max(256), z.string().max(256));

/**
 * Tags by name (https://learn.microsoft.com/en-us/azure/key-vault/secrets/about-secrets#secret-tags). `__proto__` is refused:
 * zod's records leave it out without a word, and a condition less is another condition.
 */
const azureTags = z.preprocess((value, context) => {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) {
    context.addIssue({ code: "custom", message: "__proto__ is no tag" });
  }
  return value;
}, tags);

/** A search as the native dialect writes it. */
export const azureSearch: ZodType<AzureSearch> = z
  .strictObject({
    type: z.enum(objectTypes).optional(),
    prefix: z
      .string()
      .regex(/^[0-9A-Za-z-]{0,127}$/, "must be the beginning of a name: letters, digits and -")
      .optional(),
    tags: azureTags.optional(),
  })
  .refine(({ prefix, tags: given }) => prefix !== undefined || Object.keys(given ?? {}).length > 0, {
    message: 'needs a prefix or tags; prefix: "" is for all that the vault has',
  })
  .transform(({ type = "secret", prefix = "", tags: given = {} }) => ({
    type,
    prefix,
    tags: Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)),
  }));

/** The search for people. */
export function nameOfSearch({ type, prefix, tags: given }: AzureSearch): string {
  const tagged = given.map(([key]) => JSON.stringify(key)).join(", ");
  return `${type}s${prefix === "" ? "" : ` below ${prefix}`}${tagged === "" ? "" : ` by the tags ${tagged}`}`;
}
