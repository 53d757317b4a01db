import { whoReads } from "../who-reads.ts";
import { booleanText, commonWords, type DialectWords, type Word } from "../words.ts";

const goBool = { enum: ["", "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"] };

const azureFields: readonly Word[] = [
  { name: "objectName", about: "Name of the secret, key or certificate." },
  { name: "objectType", about: "What it is.", schema: { enum: ["secret", "key", "cert"] } },
  { name: "objectAlias", about: "Name of the file; the object's name where it is left out." },
  { name: "objectVersion", about: "Version of the object; the newest where it is left out." },
  {
    name: "objectVersionHistory",
    about: "Files of so many versions and one more, NAME/0 the newest.",
    schema: { type: "integer" },
  },
  { name: "objectFormat", about: "Form of a certificate's secret: pem (the default) or pfx." },
  { name: "objectEncoding", about: "What a secret's value is decoded by: utf-8 (the default), base64, hex." },
  {
    name: "filePermission",
    about: `Octal digits in quotes. ${whoReads}`,
    schema: { type: "string", pattern: "^[0-7]{3,4}$" },
  },
];

/** The words of `provider: azure`. */
export const azureWords: DialectWords = {
  anyCase: false,
  parameters: [
    { name: "objects", about: "YAML map whose `array` lists objects, each a text of YAML." },
    { name: "keyvaultName", about: "Name of the vault." },
    { name: "tenantID", about: "Id or domain of the vault's tenant." },
    { name: "tenantId", about: "The same, by its older name." },
    { name: "clientID", about: "Client id for workload identity, or for an identity binding." },
    { name: "cloudName", about: "Azure cloud; the operator's where it is left out, AzurePublicCloud mostly." },
    { name: "cloudEnvFileName", about: "The operator's environment file, for AzureStackCloud." },
    {
      name: "useVMManagedIdentity",
      about: "A managed identity of the node, where the operator allows it.",
      schema: goBool,
    },
    {
      name: "userAssignedIdentityID",
      about: "Client id of that identity; the one that the system assigned where it is left out.",
    },
    { name: "useAzureTokenProxy", about: "Workload identity by an AKS identity binding.", schema: goBool },
    { name: "usePodIdentity", about: "No longer supported: use clientID.", schema: booleanText },
    { name: "resourceGroup", about: "", ignored: "remove it: a vault is found by its name alone" },
    { name: "subscriptionId", about: "", ignored: "remove it: a vault is found by its name alone" },
    ...commonWords,
  ],
  list: "objects",
  wrapper: "array",
  fields: azureFields,
  required: ["objectName", "objectType"],
  prefixes: [],
  inner: new Map(),
};
