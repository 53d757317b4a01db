import type { ZodType } from "zod";
import * as z from "zod";
import { projectForm, secretForm, versionForm } from "../gcp/names.ts";
import type { GcpParameterRef } from "../gcp/types.ts";

const fullForm = /^projects\/([^/]+)\/parameters\/([^/]+)$/;

const name = z.string().superRefine((text, context) => {
  const message = nameProblem(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** A name may bring its project, but no location: that is a setting, for it decides who is asked. */
function nameProblem(text: string): string | undefined {
  const [, project, parameter] = fullForm.exec(text) ?? [];
  if (project !== undefined && parameter !== undefined) {
    return projectForm.test(project) && secretForm.test(parameter)
      ? undefined
      : "must be projects/PROJECT/parameters/PARAMETER";
  }
  if (text.includes("/versions/")) return "must not have a version: write it in version";
  if (text.includes("/locations/")) return "must not have a location: write it in the settings of the store";
  return secretForm.test(text)
    ? undefined
    : "must be the name of a parameter, or projects/PROJECT/parameters/PARAMETER";
}

/** A ref as the native dialect writes it. */
export const gcpParameterRef: ZodType<GcpParameterRef> = z
  .strictObject({
    name,
    version: z
      .union([z.string().regex(versionForm), z.int().nonnegative().transform(String)], {
        error: "must be the name of a version",
      })
      .optional(),
  })
  .transform(({ name: text, version }) => ({ ...parameterNamed(text), ...(version === undefined ? {} : { version }) }));

/** Returns the newest version of a parameter, by its name. */
export function parameterNamed(text: string): GcpParameterRef {
  const [, project, parameter] = fullForm.exec(text) ?? [];
  const own = project === undefined || parameter === undefined ? { parameter: text } : { project, parameter };
  return { service: "parametermanager", ...own };
}

/** The ref for people. */
export function nameOfParameter({ project, parameter, version }: GcpParameterRef): string {
  const own = project === undefined ? parameter : `projects/${project}/parameters/${parameter}`;
  return version === undefined ? own : `${own}/versions/${version}`;
}
