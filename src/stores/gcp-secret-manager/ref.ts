import type { ZodType } from "zod";
import * as z from "zod";
import { numberForm, projectForm, secretForm, versionForm } from "../gcp/names.ts";
import type { GcpSecretRef } from "../gcp/types.ts";

const fullForm = /^projects\/([^/]+)\/secrets\/([^/]+)$/;

const name = z.string().superRefine((text, context) => {
  const message = nameProblem(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** A name may bring its project, but no location: that is a setting, for it decides who is asked. */
function nameProblem(text: string): string | undefined {
  const [, project, secret] = fullForm.exec(text) ?? [];
  if (project !== undefined && secret !== undefined) {
    return projectForm.test(project) && secretForm.test(secret) ? undefined : "must be projects/PROJECT/secrets/SECRET";
  }
  if (text.includes("/versions/")) return "must not have a version: write it in version, or in alias";
  if (text.includes("/locations/")) return "must not have a location: write it in the settings of the store";
  return secretForm.test(text) ? undefined : "must be the name of a secret, or projects/PROJECT/secrets/SECRET";
}

const version = z.union(
  [z.enum(["latest", "previous"]), z.string().regex(numberForm), z.int().positive().transform(String)],
  {
    error: "must be a number, latest or previous; an alias is written in alias",
  },
);

/** A ref as the native dialect writes it. */
export const gcpSecretRef: ZodType<GcpSecretRef> = z
  .strictObject({
    name,
    version: version.optional(),
    alias: z.string().regex(versionForm, "must be the alias of a version").optional(),
  })
  .superRefine(({ version: number, alias }, context) => {
    if (number === undefined || alias === undefined) return;
    context.addIssue({ code: "custom", path: ["alias"], message: "excludes version" });
  })
  .transform(({ name: text, version: number, alias }) => ({ ...secretNamed(text), ...versionOf(number, alias) }));

/** Returns the latest version of a secret, by its name. */
export function secretNamed(text: string): GcpSecretRef {
  const [, project, secret] = fullForm.exec(text) ?? [];
  const own = project === undefined || secret === undefined ? { secret: text } : { project, secret };
  return { service: "secretmanager", ...own, version: "latest" };
}

function versionOf(number: string | undefined, alias: string | undefined): Pick<GcpSecretRef, "version" | "previous"> {
  if (number === "previous") return { version: "latest", previous: true };
  return { version: number ?? alias ?? "latest" };
}

/** The ref for people: the name, with the version if it is not the latest. */
export function nameOfSecret({ project, secret, version: text, previous }: GcpSecretRef): string {
  const own = project === undefined ? secret : `projects/${project}/secrets/${secret}`;
  if (previous) return `${own}, the version before ${text}`;
  return text === "latest" ? own : `${own}/versions/${text}`;
}
