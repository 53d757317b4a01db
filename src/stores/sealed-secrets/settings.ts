import type { ZodType } from "zod";
import * as z from "zod";
import { directoryProblem } from "../file/directory.ts";
import type { Author } from "../store.ts";
import type { SealedSettings } from "./types.ts";

const kind = z.literal("sealed-secrets").optional();

const ownPath = z.string().superRefine((path, context) => {
  const message = directoryProblem(path);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const schemas: Readonly<Record<Author, ZodType<SealedSettings>>> = {
  pod: z.strictObject({ kind }).transform(() => ({})),
  operator: z
    .strictObject({
      kind,
      directory: ownPath.optional(),
      keys: z.union([ownPath.transform((path) => [path]), z.array(ownPath).min(1).max(16)]).optional(),
    })
    .transform(({ directory, keys }) => ({
      ...(directory === undefined ? {} : { directory }),
      ...(keys === undefined ? {} : { keys }),
    })),
};

/** The settings as `author` may write them: what lies on the node, only an operator names. */
export function sealedSettings(author: Author): ZodType<SealedSettings> {
  return schemas[author];
}
