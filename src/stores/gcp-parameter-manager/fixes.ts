import type { FailedCall } from "../gcp/failed-call.ts";
import { grantOn } from "../gcp/fixes.ts";

/** One version of a parameter, and who asked for it. */
interface AskedVersion {
  readonly project: string;
  readonly location: string;
  readonly parameter: string;
  readonly version: string;
  readonly member: string;
}

/** Returns the cure for a version that cannot be read. Parameters have no policies of their own: roles are the project's. */
export function parameterFix({ project, location, parameter, version, member }: AskedVersion): FailedCall["fix"] {
  const where = `--parameter ${parameter} --location ${location} --project ${project}`;
  return (id, { state }) => {
    if (id === "LK0033") {
      const grant = grantOn(project, "roles/parametermanager.parameterAccessor", member);
      return `check that the parameter exists, and grant the role: ${grant}; the parameter's own principal needs roles/secretmanager.secretAccessor on each secret that it refers to`;
    }
    if (state !== undefined)
      return `enable it: gcloud parametermanager parameters versions update ${version} ${where} --no-disabled`;
    if (id === "LK0037") return "check the name and the version, and each secret that the parameter refers to";
    return id === "LK0034"
      ? `check the name and the version: gcloud parametermanager parameters versions list ${where}`
      : undefined;
  };
}
