import { whoReads } from "../who-reads.ts";
import { booleanText, commonWords, type DialectWords, type Word } from "../words.ts";

const awsFields: readonly Word[] = [
  { name: "objectName", about: "Name or ARN of the secret or parameter." },
  {
    name: "objectType",
    about: "Service that holds the object; may be left out for an ARN.",
    schema: { enum: ["secretsmanager", "ssmparameter"] },
  },
  { name: "objectAlias", about: "Name of the file; the object's name by default." },
  { name: "objectVersion", about: "VersionId of a secret, or number of a parameter's version." },
  { name: "objectVersionLabel", about: "Stage of a secret (AWSCURRENT), or label of a parameter." },
  {
    name: "filePermission",
    about: `Four octal digits in quotes. ${whoReads}`,
    schema: { type: "string", pattern: "^[0-7]{4}$" },
  },
  { name: "jmesPath", about: "One file for each value that an expression finds in a JSON secret." },
  { name: "failoverObject", about: "What to read in the failover region, if it differs." },
  {
    name: "decode",
    about: "Latchkey's own: encoding from which the content is decoded.",
    schema: { enum: ["", "base64"] },
  },
  {
    name: "allKeys",
    about: "Latchkey's own: a file for each key instead of one for all.",
    schema: { type: ["boolean", "string"] },
  },
];

/** The words of `provider: aws`. */
export const awsWords: DialectWords = {
  anyCase: true,
  parameters: [
    { name: "objects", about: "YAML list of secrets and parameters." },
    { name: "region", about: "AWS region; the node's own by default." },
    { name: "failoverRegion", about: "Region that is asked if the first does not answer." },
    { name: "failoverRegions", about: "Latchkey's own: more such regions, separated by commas." },
    { name: "pathTranslation", about: "Character that stands for / in file names; False keeps directories." },
    {
      name: "usePodIdentity",
      about: "Credentials from EKS Pod Identity instead of a role of the service account.",
      schema: booleanText,
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
    ...commonWords,
  ],
  list: "objects",
  fields: awsFields,
  required: ["objectName"],
  prefixes: [],
  inner: new Map([
    [
      "jmesPath",
      {
        isList: true,
        words: [
          { name: "path", about: "JMESPath expression." },
          { name: "objectAlias", about: "Name of the file." },
          {
            name: "filePermission",
            about: `Four octal digits in quotes. ${whoReads}`,
            schema: { type: "string", pattern: "^[0-7]{4}$" },
          },
          {
            name: "decode",
            about: "Latchkey's own: encoding from which the value is decoded.",
            schema: { enum: ["", "base64"] },
          },
          {
            name: "stringify",
            about: "Latchkey's own: write a value that is not text as JSON.",
            schema: { type: ["boolean", "string"] },
          },
        ],
      },
    ],
    [
      "failoverObject",
      {
        isList: false,
        words: awsFields.filter(({ name }) => ["objectName", "objectVersion", "objectVersionLabel"].includes(name)),
      },
    ],
  ]),
};
