/** https://cloud.google.com/resource-manager/docs/creating-managing-projects: an id (with the domain of older ones) or a number. */
export const projectForm = /^(?:[a-z][a-z0-9.-]{0,40}:)?[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** A location becomes part of a host name that tokens are sent to, so it may be nothing but a label. */
export const locationForm = /^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/;

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create: letters, digits, `-` and `_`, 255 at most. */
export const secretForm = /^[A-Za-z0-9_-]{1,255}$/;

/** A version's number. */
export const numberForm = /^[1-9][0-9]{0,18}$/;

/** https://cloud.google.com/secret-manager/docs/assign-alias-to-secret-version, and ids of a parameter's versions. */
export const versionForm = /^[A-Za-z0-9_-]{1,255}$/;

/** https://cloud.google.com/iam/docs/service-accounts-create: an email, or the unique id of an account. */
export const accountForm = /^(?:[a-z0-9.:_-]{1,128}@[a-z0-9.:-]{1,190}|[0-9]{1,32})$/;

/** https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity; other universes end otherwise. */
export const poolForm = /^[a-z][a-z0-9.:-]{0,126}[a-z0-9]$/;

/** https://cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes */
export const federationForm =
  /^\/\/iam\.[a-z0-9.-]{1,100}\/projects\/[0-9]{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{1,64}\/providers\/[a-z0-9-]{1,64}$/;

/** Returns the name of a secret or parameter as Google's APIs write it. */
export function resourcePath(project: string, location: string, kind: "secrets" | "parameters", name: string): string {
  // Global secrets have no location in their names, parameters always have one.
  const place = kind === "secrets" && location === "global" ? "" : `/locations/${location}`;
  return `projects/${project}${place}/${kind}/${name}`;
}

/** Returns the last part of a resource's name. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
