import { nameWord, prefixWord, type StoreWords, type Word } from "../words.ts";

const labels = { type: "object", additionalProperties: { type: "string", maxLength: 63 } };

const gcpWords: Pick<StoreWords, "settings" | "find"> = {
  settings: [
    { name: "project", about: "Google Cloud project; the cluster's own where it is left out." },
    { name: "location", about: "Region whose endpoint is asked, such as europe-west1; global where it is left out." },
    { name: "auth", about: "How Google knows the pod; by its token where it is left out." },
    {
      name: "impersonate",
      about:
        "Google service account that the pod acts as, or none; that of its service account's annotation where it is left out.",
    },
    { name: "delegates", about: "Service accounts between the pod and that one." },
    { name: "identityPool", about: "Identity pool of the cluster; the operator's where it is left out." },
    { name: "identityProvider", about: "The cluster in that pool." },
    {
      name: "workloadIdentityProvider",
      about: "Provider of a workload identity pool, for clusters that are not Google's.",
    },
  ],
  find: [prefixWord, { name: "labels", about: "Labels that a secret must have, all of them.", schema: labels }],
};

/** Returns the words of one store of Google Cloud, whose refs have these beside a name. */
export function gcpStoreWords(...refs: readonly Word[]): StoreWords {
  return { ...gcpWords, refs: [nameWord, ...refs] };
}
