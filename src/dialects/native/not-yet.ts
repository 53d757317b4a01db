/** Words of the native dialect that this version does not know yet: refused by name, never passed over. */
export const notYet = {
  parameters: ["templates", "kubernetesSecrets"],
  secret: [
    "as",
    "audience",
    "decode",
    "default",
    "expand",
    "find",
    "format",
    "jmesPath",
    "kubernetesSecrets",
    "notBefore",
    "optional",
    "share",
  ],
  file: ["as", "decode", "default", "format", "jmesPath", "optional"],
  storeKinds: ["aws-parameter-store", "azure-key-vault", "gcp-secret-manager", "kubernetes", "sops"],
} as const;
