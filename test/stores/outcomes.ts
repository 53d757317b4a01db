import { type ProviderError, toProviderError } from "../../src/errors.ts";
import type { CallContext, Secret, Session } from "../../src/stores/store.ts";

/** The result of one read: a secret, or the error that was thrown. */
export type Outcome =
  | { readonly ok: true; readonly secret: Secret }
  | { readonly ok: false; readonly error: ProviderError };

/** Reads refs at once, as a mount does, and gives the outcome of each in their order. */
export async function outcomesOf<R>(
  session: Pick<Session<R, R>, "read">,
  refs: readonly R[],
  context: CallContext,
): Promise<readonly Outcome[]> {
  return await Promise.all(
    refs.map((ref) =>
      session.read(ref, context).then(
        (secret) => ({ ok: true, secret }) as const,
        (thrown: unknown) => ({ ok: false, error: toProviderError(thrown) }) as const,
      ),
    ),
  );
}
