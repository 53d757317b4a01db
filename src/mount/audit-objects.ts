import type { AuditAnswer, AuditObject } from "../audit/entry.ts";
import { ProviderError } from "../errors.ts";
import type { Stores } from "../stores/store.ts";
import type { Asked } from "./ask-secret.ts";

/** Lists what was asked for and how it was answered, without any value. */
export async function auditObjects(asked: readonly Asked[], stores: Stores): Promise<readonly AuditObject[]> {
  return await Promise.all(
    asked.map(async ({ wanted, outcome }) => {
      const source = (outcome instanceof ProviderError ? undefined : outcome.from) ?? wanted.source;
      const store = await stores.load(source.store);
      const object = { store: source.store, ref: store.nameOf(source.ref) };
      if (outcome instanceof ProviderError) return { ...object, answer: answerOf(outcome) };
      const { version } = outcome.value;
      return { ...object, ...(version === undefined ? {} : { version }), answer: outcome.how };
    }),
  );
}

function answerOf({ reason }: ProviderError): AuditAnswer {
  return reason === "denied" || reason === "absent" ? reason : "failed";
}
