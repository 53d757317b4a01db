import type { DialectName } from "../config/dialect-names.ts";
import { whoReads } from "./who-reads.ts";

/** A parameter or field of a dialect that others defined. */
export interface Word {
  readonly name: string;
  /** Its description, for editors and documentation. */
  readonly about: string;
  /** JSON Schema of the value; text where it is left out. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** It is passed over: what to write instead. */
  readonly ignored?: string;
}

/** Everything that the SecretProviderClasses of a drop-in dialect may have. */
export interface DialectWords {
  readonly parameters: readonly Word[];
  /** Of an entry of `objects`. */
  readonly fields: readonly Word[];
  /** Of maps inside an entry, or of those in a list. */
  readonly inner: ReadonlyMap<string, readonly Word[]>;
  /** Whether upper and lower case of field names are one, as in Go's JSON. */
  readonly anyCase: boolean;
}

const boolean = { enum: ["true", "false"] };
const notBefore: Word = {
  name: "notBefore",
  about: "Latchkey's own: values fetched before this time (RFC 3339) are asked for again.",
};

const awsFields: readonly Word[] = [
  { name: "objectName", about: "Name or ARN of the secret or parameter." },
  {
    name: "objectType",
    about: "Where the object is; may be left out for an ARN.",
    schema: { enum: ["secretsmanager", "ssmparameter"] },
  },
  { name: "objectAlias", about: "Name of the file; the object's name where it is left out." },
  { name: "objectVersion", about: "VersionId of a secret, or number of a parameter's version." },
  { name: "objectVersionLabel", about: "Stage of a secret (AWSCURRENT), or label of a parameter." },
  {
    name: "filePermission",
    about: `Four octal digits in quotes. ${whoReads}`,
    schema: { type: "string", pattern: "^[0-7]{4}$" },
  },
  { name: "jmesPath", about: "A file for each value that an expression finds in a JSON secret." },
  { name: "failoverObject", about: "What is asked for in the failover region, where it differs." },
  { name: "decode", about: "Latchkey's own: what the content is decoded by.", schema: { enum: ["", "base64"] } },
  {
    name: "allKeys",
    about: "Latchkey's own: a file for each key instead of one for all.",
    schema: { type: ["boolean", "string"] },
  },
];

const awsWords: DialectWords = {
  anyCase: true,
  parameters: [
    { name: "objects", about: "YAML list of secrets and parameters." },
    { name: "region", about: "AWS region; the node's own where it is left out." },
    { name: "failoverRegion", about: "Region that is asked where the first does not answer." },
    { name: "failoverRegions", about: "Latchkey's own: more such regions, separated by commas." },
    { name: "pathTranslation", about: "Character that stands for / in file names; False keeps directories." },
    {
      name: "usePodIdentity",
      about: "Credentials from EKS Pod Identity instead of a role of the service account.",
      schema: boolean,
    },
    {
      name: "preferredAddressType",
      about: "How the Pod Identity agent is reached.",
      schema: { enum: ["ipv4", "ipv6", "auto", ""] },
    },
    { name: "roleArn", about: "Latchkey's own: the role, instead of the service account's annotation." },
    { name: "assumeRoleArn", about: "Latchkey's own: a second role to assume." },
    { name: "assumeRoleExternalId", about: "Latchkey's own: the external id for that." },
    { name: "assumeRoleSessionTags", about: "Latchkey's own: its session tags, key=value,key=value." },
    notBefore,
  ],
  fields: awsFields,
  inner: new Map([
    [
      "jmesPath",
      [
        { name: "path", about: "JMESPath expression." },
        { name: "objectAlias", about: "Name of the file." },
        {
          name: "filePermission",
          about: `Four octal digits in quotes. ${whoReads}`,
          schema: { type: "string", pattern: "^[0-7]{4}$" },
        },
        { name: "decode", about: "Latchkey's own: what the value is decoded by.", schema: { enum: ["", "base64"] } },
        {
          name: "stringify",
          about: "Latchkey's own: write as JSON what is no text.",
          schema: { type: ["boolean", "string"] },
        },
      ],
    ],
    [
      "failoverObject",
      awsFields.filter(({ name }) => ["objectName", "objectVersion", "objectVersionLabel"].includes(name)),
    ],
  ]),
};

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
  { name: "SkipTLSVerify", about: "Do not check the server's certificate.", schema: boolean },
  { name: "KubernetesMountPath", about: "Mount of the Kubernetes auth method." },
  { name: "AuthMountPath", about: "Mount of the Kubernetes or JWT auth method." },
  {
    name: "AuthMethod",
    about: "Latchkey's own: how the pod logs in.",
    schema: { enum: ["", "kubernetes", "jwt", "approle", "cert"] },
  },
];

function vaultWords(prefixes: readonly string[], withRole: boolean): DialectWords {
  const own = withRole
    ? [...serverParameters, { name: "RoleName", about: "Role of the auth method." }]
    : serverParameters;
  return {
    anyCase: false,
    parameters: [
      { name: "objects", about: "YAML list of secrets." },
      { name: "roleName", about: "Role of the auth method." },
      { name: "audience", about: "Audience of the service account token that logs in." },
      ...prefixes.flatMap((prefix) => own.map((word) => ({ ...word, name: `${prefix}${word.name}` }))),
      { name: "kubernetesServiceAccountPath", about: "", ignored: "remove it: pods log in as themselves" },
      { name: "vaultCAPem", about: "", ignored: "write vaultCACert, or vaultCACertPath" },
      notBefore,
    ],
    fields: [
      { name: "objectName", about: "Path of the file in the volume." },
      { name: "secretPath", about: "API path of the secret, with query where needed: secret/data/db?version=3." },
      { name: "secretKey", about: "Key whose value is taken; the whole answer where it is left out." },
      { name: "method", about: "HTTP method; GET where it is left out." },
      { name: "secretArgs", about: "Body of the request.", schema: { type: "object" } },
      {
        name: "filePermission",
        about: `Mode of the file, without quotes: 0444 is octal. ${whoReads}`,
        schema: { type: "integer", minimum: 0 },
      },
      {
        name: "encoding",
        about: "What the value is decoded by.",
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

/** The words of each drop-in dialect; the native one is strict and says itself what it does not know. */
export const dialectWords: Readonly<Record<Exclude<DialectName, "latchkey">, DialectWords>> = {
  aws: awsWords,
  vault: vaultWords(["vault"], false),
  openbao: vaultWords(["bao", "openbao", "vault"], true),
};
