import { ProviderError } from "../errors.ts";
import type { Plan, Source } from "../plan/plan.ts";
import type { Stores } from "../stores/store.ts";
import type { Fetched } from "./fetch.ts";

/** Names every source of a plan: its store, and its name in the store's own words. */
export async function namesOf({ secrets }: Plan, stores: Stores): Promise<ReadonlyMap<Source, string>> {
  const sources = secrets.flatMap(({ source, next }) => [source, ...(next?.sources ?? [])]);
  const named = sources.map(async (source) => {
    const store = await stores.load(source.store);
    return [source, `${store.kind} ${store.nameOf(source.ref)}`] as const;
  });
  return new Map(await Promise.all(named));
}

/** Returns the name of the source that a secret came from, by `Wanted.id`; undefined for a secret that did not come. */
export function answeredBy({ names }: Plan, { answers }: Pick<Fetched, "answers">, id: string): string | undefined {
  for (const [wanted, answer] of answers) {
    if (wanted.id !== id) continue;
    return answer instanceof ProviderError ? undefined : names?.get(answer.from ?? wanted.source);
  }
  return undefined;
}
