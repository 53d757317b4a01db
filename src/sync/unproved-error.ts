import { ProviderError } from "../errors.ts";
import type { Offerer } from "./offer.ts";

/** `LK0051` for a Secret of an identity that is not proved, or not yet. */
export function unprovedError({ unproved }: Offerer, subject: string): ProviderError {
  const yet =
    unproved?.again === undefined ? "so it writes no Kubernetes Secret" : "so its Kubernetes Secret has to wait";
  const why = unproved === undefined ? "" : `: ${unproved.why}`;
  return new ProviderError("LK0051", `the pod's identity is not proved, ${yet}${why}`, {
    subject,
    fix:
      unproved?.fix ??
      "give the CSIDriver object tokenRequests, and Latchkey the cluster's keys; see docs/cache.md on who shares what",
  });
}
