import { ProviderError } from "../../errors.ts";
import type { GcpSecretRef, GcpTogether } from "../gcp/types.ts";
import { type Part, settled } from "../join-secrets.ts";
import type { Secret } from "../store.ts";
import type { Together, TogetherRef } from "../together.ts";
import { previousOf } from "./previous.ts";
import { nameOfSecret } from "./ref.ts";

/** Anything that can be read of Secret Manager. */
export type SecretAsked = GcpSecretRef | GcpTogether;

/** The latest version of a secret and the one before it change in one step. */
export const secretTogether: Together<SecretAsked> = {
  unitOf: (ref) => ("refs" in ref || ref.version !== "latest" ? undefined : `${ref.project ?? ""}/${ref.secret}`),
  join: (refs) => ({
    service: "secretmanager",
    refs: refs.flatMap(({ ref, optional }) => ("refs" in ref ? ref.refs : [{ ref, optional }])),
  }),
};

/** Reads the latest version once, and the one before it by its number: whatever happens in between, they are neighbours. */
export async function readTogether(
  refs: readonly TogetherRef<GcpSecretRef>[],
  read: (ref: GcpSecretRef) => Promise<Secret>,
): Promise<readonly Part[]> {
  const [first] = refs;
  if (first === undefined) return [];
  const { previous: _, ...current } = first.ref;
  const latest = await settled(() => read(current));
  return await Promise.all(
    refs.map(async ({ ref, optional }) => {
      const isLatest = ref.previous !== true || latest instanceof ProviderError;
      return { answer: isLatest ? latest : await settled(() => read(previousOf(ref, latest))), optional };
    }),
  );
}

/** The name of anything that is read, for people. */
export function nameOfAsked(asked: SecretAsked): string {
  return "refs" in asked ? asked.refs.map(({ ref }) => nameOfSecret(ref)).join(" and ") : nameOfSecret(asked);
}
