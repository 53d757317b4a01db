import type { ZodType } from "zod";
import * as z from "zod";
import type { Author } from "../store.ts";
import { directoryProblem } from "./directory.ts";
import type { FileSettings } from "./types.ts";

const operatorSettings = z
  .strictObject({
    kind: z.literal("file").optional(),
    directory: z.string().superRefine((directory, context) => {
      const message = directoryProblem(directory);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    }),
  })
  .transform(({ directory }): FileSettings => ({ directory }));

const podSettings = z.unknown().transform((_, context): FileSettings => {
  context.addIssue({
    code: "custom",
    message: "a file store can only be an operator's profile: write { profile: <its name> }",
  });
  return z.NEVER;
});

/** The settings as `author` may write them: a pod author may write none. */
export function fileSettings(author: Author): ZodType<FileSettings> {
  return author === "operator" ? operatorSettings : podSettings;
}
