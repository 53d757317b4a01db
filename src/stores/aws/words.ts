import type { StoreWords, Word } from "../words.ts";
import { nameWord, prefixWord } from "../words.ts";

const tags = { type: "object", additionalProperties: { type: "string", maxLength: 256 } };

/** The descriptions of what all AWS stores have: settings and searches. */
const awsWords: Pick<StoreWords, "settings" | "find"> = {
  settings: [
    { name: "region", about: "AWS region." },
    { name: "roleArn", about: "Role of the pod, instead of its service account's annotation." },
    { name: "podIdentity", about: "Credentials from EKS Pod Identity, and how its agent is reached." },
    { name: "assumeRoleArn", about: "A second role to assume." },
    { name: "assumeRoleExternalId", about: "The external id for that." },
    { name: "sessionTags", about: "Its session tags.", schema: tags },
  ],
  find: [prefixWord, { name: "tags", about: "Tags that a secret must have, all of them.", schema: tags }],
};

/** Returns the words of one AWS store, whose refs have these beside a name. */
export function awsStoreWords(...refs: readonly Word[]): StoreWords {
  return { ...awsWords, refs: [nameWord, ...refs] };
}
