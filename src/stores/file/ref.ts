import type { ZodType } from "zod";
import * as z from "zod";
import type { FileRef } from "./types.ts";

/** What is wrong with a file's name; undefined where nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === "" || name.length > 4096) return "must be 1 to 4096 characters long";
  if (name.startsWith("/")) return "must be relative to the store's directory";
  if (name.includes("\0")) return "must not contain a zero byte";
  const wrong = name.split("/").some((part) => part === "" || part === "." || part === "..");
  return wrong ? "must be plain names with single slashes between them, without . and .." : undefined;
}

/** A ref as the native dialect writes it: `name` is a path below the store's directory. */
export const fileRef: ZodType<FileRef> = z.strictObject({
  name: z.string().superRefine((name, context) => {
    const message = nameProblem(name);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }),
});
