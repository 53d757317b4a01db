/** Audiences of `tokenRequests` by dialect, where SecretProviderClasses choose none. */
const audiences: ReadonlyMap<string, string> = new Map([
  ["vault", '"vault", or the audience that its SecretProviderClasses name'],
  ["openbao", '"openbao", or the audience that its SecretProviderClasses name'],
  ["aws", '"sts.amazonaws.com", and "pods.eks.amazonaws.com" for EKS Pod Identity'],
  ["latchkey", "those of the stores that its SecretProviderClasses name (`latchkey plan` prints them)"],
]);

/** Mounts since the start whose request could be read. */
export interface MountTokens {
  readonly mountsWith: number;
  readonly mountsWithout: number;
}

/** Returns a note if no mount ever came with a service account token; none if all is well or it is too early to say. */
export function tokenNote(dialects: readonly string[], { mountsWith, mountsWithout }: MountTokens): readonly string[] {
  if (mountsWith > 0 || mountsWithout === 0) return [];
  return [
    `note: of ${mountsWithout} mounts none brought a service account token: nothing is cached, and stores that log in with one refuse.`,
    "Add to spec.tokenRequests of the CSIDriver secrets-store.csi.k8s.io:",
    ...dialects.map((dialect) => `  for ${dialect}: ${audiences.get(dialect) ?? "none"}`),
  ];
}
