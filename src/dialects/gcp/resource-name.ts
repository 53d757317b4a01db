import { ProviderError } from "../../errors.ts";
import { quoted } from "../../plan/problems.ts";
import { locationForm, projectForm, secretForm, versionForm } from "../../stores/gcp/names.ts";
import { regionMeant } from "../../stores/gcp/regions.ts";
import type { GcpRef } from "../../stores/gcp/types.ts";

/** A resource, and where it is asked for. */
export interface Resource {
  readonly store: "gcp-secret-manager" | "gcp-parameter-manager";
  readonly location: string;
  readonly ref: GcpRef;
}

/** A whole resource name of Google's begins with the service. */
const service = /^\/\/(?:secretmanager|parametermanager)\.[a-z0-9.-]{1,100}\//;

const form =
  /^projects\/(?<project>[^/]+)(?:\/locations\/(?<location>[^/]+))?\/(?<kind>secrets|parameters)\/(?<name>[^/]+)\/versions\/(?<version>[^/]+)$/;

const forms =
  "write projects/PROJECT/secrets/SECRET/versions/VERSION, projects/PROJECT/locations/LOCATION/secrets/SECRET/versions/VERSION or projects/PROJECT/locations/LOCATION/parameters/PARAMETER/versions/VERSION";

/** Reads a resource name. Throws `LK0003` for what is none: it decides which host gets the pod's token. */
export function readResourceName(text: string): Resource {
  if (text === "") throw wrong("resourceName is missing", forms);
  const { project = "", location, kind, name = "", version = "" } = form.exec(text.replace(service, ""))?.groups ?? {};
  if (kind === undefined || (kind === "parameters" && location === undefined)) {
    throw wrong(`unknown resource type: ${quoted(text)}`, forms);
  }
  check("project", project, projectForm, "write the id or the number of a project");
  if (location !== undefined) checkLocation(location);
  check(kind === "secrets" ? "secret" : "parameter", name, secretForm, "write letters, digits, - and _, 255 at most");
  check("version", version, versionForm, "write a number, latest, or the name of a version");
  if (kind === "parameters") {
    const ref = { service: "parametermanager", project, parameter: name, version } as const;
    return { store: "gcp-parameter-manager", location: location ?? "global", ref };
  }
  // Global secrets have no location in their names; whoever writes one means them.
  const ref = { service: "secretmanager", project, secret: name, version } as const;
  return { store: "gcp-secret-manager", location: location ?? "global", ref };
}

function checkLocation(location: string): void {
  check("location", location, locationForm, "write a region such as europe-west1, or global");
  const meant = regionMeant(location);
  if (meant !== undefined) {
    throw wrong(`invalid location: ${quoted(location)} is not a region`, `did you mean ${meant}?`);
  }
}

function check(what: string, text: string, allowed: RegExp, fix: string): void {
  if (!allowed.test(text)) throw wrong(`invalid ${what}: ${quoted(text)}`, fix);
}

function wrong(message: string, fix: string): ProviderError {
  return new ProviderError("LK0003", message, { fix });
}
