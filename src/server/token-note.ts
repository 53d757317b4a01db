import { dialectDefinition } from "../dialects/index.ts";
import type { Metrics } from "../metrics.ts";

/** Mounts since the start whose request could be read. */
export interface MountTokens {
  readonly mountsWith: number;
  readonly mountsWithout: number;
}

/** Counts mounts from now on; gives the counts, which go on. */
export function countTokens(metrics: Metrics): MountTokens {
  const counts = { mountsWith: 0, mountsWithout: 0 };
  metrics.listen("mountEnded", ({ namespace, token }) => {
    if (namespace !== undefined) counts[token ? "mountsWith" : "mountsWithout"] += 1;
  });
  return counts;
}

/** Returns a note if no mount ever came with a service account token; none if all is well or it is too early to say. */
export function tokenNote(dialects: readonly string[], { mountsWith, mountsWithout }: MountTokens): readonly string[] {
  if (mountsWith > 0 || mountsWithout === 0) return [];
  return [
    `note: none of ${mountsWithout} mounts brought a service account token: nothing is cached, and stores that need one refuse the login.`,
    "Add to spec.tokenRequests of the CSIDriver secrets-store.csi.k8s.io:",
    ...dialects.map((dialect) => `  for ${dialect}: ${dialectDefinition(dialect).audiences}`),
  ];
}
