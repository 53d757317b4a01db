import type { FailedCall } from "./failed-call.ts";

/** Returns the cure for a list that is denied: roles for it are granted on the project. */
export function listFix({
  project,
  role,
  member,
}: {
  readonly project: string;
  readonly role: string;
  readonly member: string;
}): FailedCall["fix"] {
  return (id) => {
    if (id === "LK0033") return `let it list them: ${grantOn(project, role, member)}`;
    return id === "LK0034" ? `check that the project ${project} exists, and its location` : undefined;
  };
}

/** Returns the command that grants a role on a project. */
export function grantOn(project: string, role: string, member: string): string {
  return `gcloud projects add-iam-policy-binding ${project} --role ${role} --member "${member}"`;
}
