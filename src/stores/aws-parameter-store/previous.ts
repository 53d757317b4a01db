import { ProviderError } from "../../errors.ts";
import type { AwsParameterRef } from "../aws/types.ts";
import { type Part, settled } from "../join-secrets.ts";
import type { Secret } from "../store.ts";
import type { TogetherRef } from "../together.ts";
import { nameOfParameter } from "./ref.ts";

type Read = (ref: AwsParameterRef) => Promise<Secret>;

/**
 * Reads refs of one parameter: the newest version once, and the one before it by its number, so that both are neighbours whatever
 * happens in between.
 */
export async function readTogether(
  refs: readonly TogetherRef<AwsParameterRef>[],
  read: Read,
): Promise<readonly Part[]> {
  const newest = refs.find(({ ref }) => ref.previous === true);
  const current = newest === undefined ? undefined : settled(() => read({ service: "ssm", name: newest.ref.name }));
  return await Promise.all(
    refs.map(async ({ ref, optional }) => {
      if (current === undefined || ref.selector !== undefined)
        return { answer: await settled(() => read(ref)), optional };
      const known = await current;
      const isNewest = ref.previous !== true || known instanceof ProviderError;
      return { answer: isNewest ? known : await settled(() => readPrevious(ref, known, read)), optional };
    }),
  );
}

/** Reads the version before one that was read. It is not for ever: another one takes its place with the next version. */
export async function readPrevious(ref: AwsParameterRef, { version = "" }: Secret, read: Read): Promise<Secret> {
  const { previous: _, ...own } = ref;
  const number = Number(version);
  if (number > 1) {
    const { immutable: __, ...secret } = await read({ ...own, selector: String(number - 1) });
    return secret;
  }
  throw new ProviderError("LK0034", `${nameOfParameter(own)} has no version before its first`, {
    fix: "put another value, or mark the secret as optional",
  });
}
