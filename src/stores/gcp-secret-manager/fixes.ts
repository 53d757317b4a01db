import type { FailedCall } from "../gcp/failed-call.ts";

/** One version of a secret, and who asked for it. */
interface AskedVersion {
  readonly project: string;
  readonly location: string;
  readonly secret: string;
  readonly version: string;
  readonly member: string;
}

/** Returns the cure for a version that cannot be read. Google says the same of a secret that is not there and of one that is denied. */
export function secretFix({ project, location, secret, version, member }: AskedVersion): FailedCall["fix"] {
  const where = `--project ${project}${location === "global" ? "" : ` --location ${location}`}`;
  return (id, { state }) => {
    if (id === "LK0033") {
      const role = "roles/secretmanager.secretAccessor";
      return `check that the secret exists, and grant the role: gcloud secrets add-iam-policy-binding ${secret} ${where} --role ${role} --member "${member}"`;
    }
    if (state === "disabled") return `enable it: gcloud secrets versions enable ${version} --secret ${secret} ${where}`;
    if (state === "destroyed") return `add a version: gcloud secrets versions add ${secret} ${where} --data-file FILE`;
    return id === "LK0034"
      ? `check the name and the version: gcloud secrets versions list ${secret} ${where}`
      : undefined;
  };
}
