/** Words of the native dialect that this version does not know yet: refused by name, never passed over. */
export const notYet = {
  parameters: ["kubernetesSecrets"],
  secret: ["audience", "find", "kubernetesSecrets", "notBefore", "share"],
  storeKinds: ["azure-key-vault", "gcp-secret-manager", "kubernetes", "sops"],
} as const;
