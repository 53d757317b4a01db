import type { ZodType } from "zod";
import * as z from "zod";
import { directoryProblem } from "../file/directory.ts";
import type { Author } from "../store.ts";
import type { KeyServices } from "./keys/services.ts";
import { type SopsSettings, serviceNames } from "./types.ts";

const fields = z.record(z.string(), z.unknown());

const written = {
  kind: z.literal("sops").optional(),
  aws: fields.optional(),
  gcp: fields.optional(),
  azure: fields.optional(),
  vault: fields.optional(),
};

const ownPath = z.string().superRefine((path, context) => {
  const message = directoryProblem(path);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** The fields that reach into Latchkey's own file system. */
const operatorOnly = {
  directory: ownPath.optional(),
  ageKeyFiles: z.union([ownPath.transform((path) => [path]), z.array(ownPath).min(1).max(16)]).optional(),
};

/** The settings as `author` may write them. Each service's are judged by the schema of that service. */
export function sopsSettings(author: Author, services: KeyServices): ZodType<SopsSettings> {
  const shape = author === "pod" ? z.strictObject(written) : z.strictObject({ ...written, ...operatorOnly });
  return shape
    .superRefine((given, context) => {
      for (const name of serviceNames) {
        for (const { path, message, fix } of services.problemsOf(name, given[name], author)) {
          context.addIssue({ code: "custom", path: [name, ...path], message, ...(fix && { params: { fix } }) });
        }
      }
    })
    .transform((given) => settingsOf(given, author));
}

type Given = z.infer<z.ZodObject<typeof written>> & {
  readonly directory?: string | undefined;
  readonly ageKeyFiles?: readonly string[] | undefined;
};

function settingsOf({ kind: _, directory, ageKeyFiles, ...services }: Given, author: Author): SopsSettings {
  const named = serviceNames.flatMap((name) => (services[name] === undefined ? [] : [[name, services[name]] as const]));
  return {
    author,
    ...(directory === undefined ? {} : { directory }),
    ...(ageKeyFiles === undefined ? {} : { ageKeyFiles }),
    services: Object.fromEntries(named),
  };
}
