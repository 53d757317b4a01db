import type { Word } from "./words.ts";

const addresses = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }] };

/** Of AWS, by key. */
export const tags = { type: "object", additionalProperties: { type: "string", maxLength: 256 } };

/**
 * The descriptions of the fields in stores' settings and refs. The values that they may hold are in the stores' own
 * schemas, except those that the schemas check in code alone.
 */
export const settingWords: readonly Word[] = [
  { name: "kind", about: "Kind of the store." },
  { name: "flavour", about: "Whose server it is; vault where it is left out." },
  { name: "address", about: "URL of the server, or several that are tried in their order.", schema: addresses },
  { name: "auth", about: "How the pod logs in; jwt where it is left out." },
  { name: "role", about: "Role of the auth method." },
  { name: "mount", about: "Mount of the auth method; kubernetes, approle or cert where it is left out." },
  { name: "namespace", about: "Namespace of the server." },
  { name: "audience", about: "Audience of the service account token that logs in." },
  { name: "ca", about: "CA certificates as PEM text." },
  { name: "tlsServerName", about: "Name that the server's certificate must have." },
  { name: "region", about: "AWS region." },
  { name: "roleArn", about: "Role of the pod, instead of its service account's annotation." },
  { name: "podIdentity", about: "Credentials from EKS Pod Identity, and how its agent is reached." },
  { name: "assumeRoleArn", about: "A second role to assume." },
  { name: "assumeRoleExternalId", about: "The external id for that." },
  { name: "sessionTags", about: "Its session tags.", schema: tags },
  { name: "name", about: "Name of the secret, in the store's own terms." },
  { name: "method", about: "HTTP method; GET where it is left out." },
  { name: "args", about: "Body of the request.", schema: { type: "object" } },
  { name: "versionId", about: "VersionId of the secret." },
  { name: "versionStage", about: "Stage of the secret; AWSCURRENT where it is left out." },
  { name: "version", about: "Number of the parameter's version." },
  { name: "label", about: "Label of the parameter's version." },
];
