import { whoReads } from "../who-reads.ts";
import { booleanText, commonWords, type DialectWords, type Word } from "../words.ts";
import type { Flavour } from "./flavour.ts";

/** Parameters of the Vault and OpenBao providers, without what their names start with. */
const serverParameters: readonly Word[] = [
  { name: "Address", about: "URL of the server; several, separated by commas, are tried in their order." },
  { name: "Namespace", about: "Namespace of the server." },
  { name: "CACertPath", about: "CA file in Latchkey's own file system." },
  { name: "CADirectory", about: "Directory of CA files in Latchkey's own file system." },
  { name: "CACert", about: "Latchkey's own: CA certificates as PEM text." },
  { name: "TLSServerName", about: "Name that the server's certificate must have." },
  { name: "TLSClientCertPath", about: "Client certificate in Latchkey's own file system." },
  { name: "TLSClientKeyPath", about: "Its key." },
  { name: "SkipTLSVerify", about: "Do not check the server's certificate.", schema: booleanText },
  { name: "KubernetesMountPath", about: "Mount of the Kubernetes auth method." },
  { name: "AuthMountPath", about: "Mount of the Kubernetes or JWT auth method." },
  {
    name: "AuthMethod",
    about: "Latchkey's own: how the pod logs in.",
    schema: { enum: ["", "kubernetes", "jwt", "approle", "cert"] },
  },
];

/** Returns the words of a flavour's SecretProviderClasses. */
export function vaultWords({ prefixes, prefixedRole }: Flavour): DialectWords {
  const own = prefixedRole
    ? [...serverParameters, { name: "RoleName", about: "Role of the auth method." }]
    : serverParameters;
  return {
    ...{ anyCase: false, list: "objects", required: ["objectName"], prefixes },
    parameters: [
      { name: "objects", about: "YAML list of secrets." },
      { name: "roleName", about: "Role of the auth method." },
      { name: "audience", about: "Audience of the service account token that logs in." },
      ...prefixes.flatMap((prefix) => own.map((word) => ({ ...word, name: `${prefix}${word.name}` }))),
      { name: "kubernetesServiceAccountPath", about: "", ignored: "remove it: pods log in as themselves" },
      { name: "vaultCAPem", about: "", ignored: "write vaultCACert, or vaultCACertPath" },
      ...commonWords,
    ],
    fields: [
      { name: "objectName", about: "Path of the file in the volume." },
      { name: "secretPath", about: "API path of the secret, with query where needed: secret/data/db?version=3." },
      { name: "secretKey", about: "Key to take the value of; the whole answer by default." },
      { name: "method", about: "HTTP method; GET by default." },
      { name: "secretArgs", about: "Body of the request.", schema: { type: "object" } },
      {
        name: "filePermission",
        about: `Mode of the file, without quotes: 0444 is octal. ${whoReads}`,
        schema: { type: "integer", minimum: 0 },
      },
      {
        name: "encoding",
        about: "Encoding from which the value is decoded.",
        schema: { type: "string", pattern: "^(?:|[uU][tT][fF]-8|[bB][aA][sS][eE]64|[hH][eE][xX])$" },
      },
      { name: "secretNamespace", about: "Latchkey's own: the server's namespace for this one." },
      { name: "output", about: "Latchkey's own: data for the data alone.", schema: { enum: ["", "data", "response"] } },
      { name: "objectVersion", about: "", ignored: "pin a version of KV v2 in secretPath: ?version=3" },
      { name: "objectPath", about: "", ignored: "write secretPath" },
    ],
    inner: new Map(),
  };
}
