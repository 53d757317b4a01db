import type { ZodType } from "zod";
import * as z from "zod";
import { unclearPath } from "../../formats/plain-path.ts";
import type { FileRef } from "./types.ts";

/** Returns what is wrong with a file's name; undefined if nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === "" || name.length > 4096) return "must be 1 to 4096 characters long";
  if (name.startsWith("/")) return "must be relative to the store's directory";
  return name.endsWith("/") ? "must not end with a slash" : unclearPath(name);
}

/** A ref as the native dialect writes it: `name` is a path below the store's directory. */
export const fileRef: ZodType<FileRef> = z.strictObject({
  name: z.string().superRefine((name, context) => {
    const message = nameProblem(name);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }),
});
