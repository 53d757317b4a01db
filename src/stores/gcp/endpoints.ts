import { ProviderError } from "../../errors.ts";
import type { GcpHost } from "./host.ts";
import { locationForm } from "./names.ts";

/** A service of Google Cloud, as host names have it. */
type Named = "secretmanager" | "parametermanager" | "cloudkms" | "iamcredentials" | "sts" | "oauth2";

/** The domain of Google's services, if the operator names no other. */
export function universeOf({ universe }: GcpHost): string {
  return universe ?? "googleapis.com";
}

/**
 * Returns the base URL of a service. Those of a region have hosts of their own
 * (https://cloud.google.com/secret-manager/docs/reference/rest#regional-service-endpoint). Throws `LK0020` for a location
 * that is none: it becomes part of a host name.
 */
function baseOf(service: Named, location: string, host: GcpHost): URL {
  if (!locationForm.test(location)) {
    throw new ProviderError("LK0020", `${JSON.stringify(location.slice(0, 256))} is not a location`, {
      fix: "write a region such as europe-west1, or global",
    });
  }
  const universe = universeOf(host);
  if (location === "global")
    return new URL((host.endpoint ?? `https://{service}.${universe}`).replaceAll("{service}", service));
  const base = host.regionalEndpoint ?? `https://{service}.{location}.rep.${universe}`;
  return new URL(base.replaceAll("{service}", service).replaceAll("{location}", location));
}

/** Returns the URL at which tokens are exchanged (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token). */
export function stsUrlOf(host: GcpHost): URL {
  return host.stsUrl === undefined ? urlOf("sts", "global", "/v1/token", host) : new URL(host.stsUrl);
}

/** Returns the URL of a path at a service: what the base has of a path stays in front. */
export function urlOf(service: Named, location: string, path: string, host: GcpHost): URL {
  const base = baseOf(service, location, host);
  return new URL(`${base.origin}${base.pathname.replace(/\/$/, "")}${path}`);
}
