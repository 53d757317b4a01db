import type { AuditAnswer, AuditObject } from "../audit/entry.ts";
import { ProviderError } from "../errors.ts";
import type { Answer } from "../fetch/source-order.ts";
import type { Wanted } from "../plan/plan.ts";
import type { Stores } from "../stores/store.ts";

/** Lists what was asked for and how it was answered, without any value. */
export async function auditObjects(
  answers: ReadonlyMap<Wanted, Answer>,
  stores: Stores,
): Promise<readonly AuditObject[]> {
  return await Promise.all(
    [...answers].map(async ([wanted, answer]) => {
      const source = (answer instanceof ProviderError ? undefined : answer.from) ?? wanted.source;
      const store = await stores.load(source.store);
      const object = { store: source.store, ref: store.nameOf(source.ref) };
      if (answer instanceof ProviderError) return { ...object, answer: refusalOf(answer) };
      const { version } = answer.value;
      return { ...object, ...(version === undefined ? {} : { version }), answer: answer.how };
    }),
  );
}

function refusalOf({ reason }: ProviderError): AuditAnswer {
  return reason === "denied" || reason === "absent" ? reason : "failed";
}
