import type { FailedCall } from "./failed-call.ts";
import type { GoogleError } from "./google-error.ts";
import type { Hindrance } from "./meaning.ts";

/** Returns the cure for what keeps a whole project, or everybody outside a perimeter, from a service. */
export function hindranceFix(
  hindrance: Hindrance,
  error: GoogleError,
  call: Pick<FailedCall, "api" | "project">,
): string {
  const project = projectOf(error) ?? call.project ?? "PROJECT";
  switch (hindrance) {
    case "api":
      return `enable the API: gcloud services enable ${serviceOf(error) ?? call.api} --project ${project}`;
    case "billing":
      return `link a billing account: gcloud billing projects link ${project} --billing-account ACCOUNT`;
    case "perimeter": {
      const id = idOf(error);
      const shown = id === undefined ? "" : `, and look up ${id} in the audit logs of the project`;
      return `let the VPC Service Controls perimeter of ${project} admit this caller (an ingress rule or access level)${shown}`;
    }
    case "policy":
      return `have an organization policy of ${project} allow it: gcloud org-policies list --project ${project} says which there are`;
    case "scope":
      return "give the credentials the scope https://www.googleapis.com/auth/cloud-platform";
  }
}

/** The forms in which details name a project and a service: nothing else of them goes into a command. */
const projectForm = /^(?:projects\/)?([a-z0-9][a-z0-9.:-]{0,62})$/;
const serviceForm = /^[a-z0-9.-]{1,100}$/;
const idForm = /^[\w-]{8,100}$/;

function projectOf({ metadata }: GoogleError): string | undefined {
  return projectForm.exec(metadata.get("consumer") ?? metadata.get("containerInfo") ?? "")?.[1];
}

function serviceOf({ metadata }: GoogleError): string | undefined {
  const service = metadata.get("service") ?? "";
  return serviceForm.test(service) ? service : undefined;
}

function idOf({ message, metadata }: GoogleError): string | undefined {
  const said = /vpcServiceControlsUniqueIdentifier:?\s*([\w-]{8,100})/.exec(message)?.[1];
  const uid = metadata.get("uid") ?? "";
  return idForm.test(uid) ? uid : said;
}
