import { ProviderError } from "../../errors.ts";
import type { AwsSecretRef } from "../aws/types.ts";
import { type Part, settled } from "../join-secrets.ts";
import type { Secret } from "../store.ts";
import type { TogetherRef } from "../together.ts";

type Ref = TogetherRef<AwsSecretRef>;

const current = "AWSCURRENT";
const previous = "AWSPREVIOUS";

/**
 * Reads the stages of one secret so that all are of one moment. A rotation moves AWSCURRENT and AWSPREVIOUS in one step, and
 * the current one is read first: if the secret rotates in between, both have one version, and all are read once more.
 */
export async function readStages(
  refs: readonly Ref[],
  read: (ref: AwsSecretRef) => Promise<Secret>,
): Promise<readonly Part[]> {
  const parts = await readInOrder(refs, read);
  return isTorn(refs, parts) ? await readInOrder(refs, read) : parts;
}

async function readInOrder(refs: readonly Ref[], read: (ref: AwsSecretRef) => Promise<Secret>) {
  const ordered = [...refs].sort((a, b) => Number(stageOf(b) === current) - Number(stageOf(a) === current));
  const answers = new Map<Ref, Part["answer"]>();
  for (const each of ordered) answers.set(each, await settled(() => read(each.ref)));
  return refs.flatMap((each): readonly Part[] => {
    const answer = answers.get(each);
    return answer === undefined ? [] : [{ answer, optional: each.optional }];
  });
}

function isTorn(refs: readonly Ref[], parts: readonly Part[]): boolean {
  const versionOf = (stage: string) => {
    const answer = parts[refs.findIndex((each) => stageOf(each) === stage)]?.answer;
    return answer instanceof ProviderError ? undefined : answer?.version;
  };
  const version = versionOf(current);
  return version !== undefined && version === versionOf(previous);
}

function stageOf({ ref }: Ref): string {
  return ref.versionStage ?? current;
}
