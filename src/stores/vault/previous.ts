import { once } from "../../async/once.ts";
import { ProviderError } from "../../errors.ts";
import { joinSecrets, settled } from "../join-secrets.ts";
import type { Secret } from "../store.ts";
import type { Together } from "../together.ts";
import { nameOfVaultRef } from "./ref.ts";
import type { VaultRef } from "./types.ts";

/** Reads one ref as it stands. */
type Read = (ref: VaultRef) => Promise<Secret>;

/** The current version of a path and the one before it change in one step. */
export const vaultTogether: Together<VaultRef> = {
  unitOf: (ref) => {
    if (ref.method !== "GET" || ref.query !== "" || ref.body !== undefined) return undefined;
    return `${ref.namespace ?? ""} ${ref.path}`;
  },
  join: (refs) => {
    const [first] = refs;
    if (first === undefined) throw new TypeError("no refs to join");
    const { previous: _, ...current } = first.ref;
    return { ...current, stages: refs.map(({ ref, optional }) => ({ previous: ref.previous === true, optional })) };
  },
};

/** Reads the current version once and the one before it by its number: whatever happens in between, they are neighbours. */
export async function readStages({ stages = [], previous, ...ref }: VaultRef, read: Read): Promise<Secret> {
  const current = await settled(() => read(ref));
  const before = once(() =>
    current instanceof ProviderError ? Promise.reject(current) : readBefore(ref, current, read),
  );
  if (previous === true) return await before();
  return joinSecrets(
    await Promise.all(
      stages.map(async (stage) => ({
        answer: stage.previous ? await settled(before) : current,
        optional: stage.optional,
      })),
    ),
  );
}

/** It is not for ever: with the next version another one takes its place. */
async function readBefore(ref: VaultRef, { version }: Secret, read: Read): Promise<Secret> {
  const name = nameOfVaultRef(ref);
  if (version === undefined) {
    throw new ProviderError("LK0037", `${name} has no versions, so there is none before the current one`, {
      fix: "use a key-value engine of version 2, with data/ behind its mount",
    });
  }
  const number = Number(version);
  if (number > 1) {
    const { immutable: _, ...secret } = await read({ ...ref, query: `version=${number - 1}` });
    return secret;
  }
  throw new ProviderError("LK0034", `${name} has no version before its first`, {
    fix: "write another version, or mark the secret as optional",
  });
}
