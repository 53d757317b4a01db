import type { AwsSecretRef } from "../aws/types.ts";
import type { Part } from "../join-outcomes.ts";
import type { Outcome } from "../store.ts";
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
  read: (ref: AwsSecretRef) => Promise<Outcome>,
): Promise<readonly Part[]> {
  const parts = await readInOrder(refs, read);
  return isTorn(refs, parts) ? await readInOrder(refs, read) : parts;
}

async function readInOrder(refs: readonly Ref[], read: (ref: AwsSecretRef) => Promise<Outcome>) {
  const ordered = [...refs].sort((a, b) => Number(stageOf(b) === current) - Number(stageOf(a) === current));
  const outcomes = new Map<Ref, Outcome>();
  for (const each of ordered) outcomes.set(each, await read(each.ref));
  return refs.flatMap((each): readonly Part[] => {
    const outcome = outcomes.get(each);
    return outcome === undefined ? [] : [{ outcome, optional: each.optional }];
  });
}

function isTorn(refs: readonly Ref[], parts: readonly Part[]): boolean {
  const versionOf = (stage: string) => {
    const outcome = parts[refs.findIndex((each) => stageOf(each) === stage)]?.outcome;
    return outcome?.ok === true ? outcome.secret.version : undefined;
  };
  const version = versionOf(current);
  return version !== undefined && version === versionOf(previous);
}

function stageOf({ ref }: Ref): string {
  return ref.versionStage ?? current;
}
