/** Words of the native dialect that this version does not know yet: refused by name, never passed over. */
export const notYet = {
  parameters: [],
  secret: [],
  storeKinds: ["azure-key-vault", "gcp-secret-manager", "kubernetes", "sops"],
} as const;
