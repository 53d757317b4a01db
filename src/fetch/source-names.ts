import { inTurns } from "../async/turns.ts";
import { ProviderError } from "../errors.ts";
import type { Plan, Source } from "../plan/plan.ts";
import type { Store, Stores } from "../stores/store.ts";
import type { Fetched } from "./fetch.ts";

/** Names every source of a plan: its store, and its name in the store's own words. */
export async function namesOf({ secrets }: Plan, stores: Stores): Promise<ReadonlyMap<Source, string>> {
  const sources = secrets.flatMap(({ source, next }) => [source, ...(next?.sources ?? [])]);
  const loaded = new Map<string, Store>();
  for (const kind of new Set(sources.map(({ store }) => store))) loaded.set(kind, await stores.load(kind));
  const named = await inTurns(sources, (source) => {
    const store = loaded.get(source.store);
    return [source, `${store?.kind} ${store?.nameOf(source.ref)}`] as const;
  });
  return new Map(named);
}

/** Returns the name of the source that a secret came from, by `Wanted.id`; undefined for a secret that did not come. */
export function answeredBy({ names }: Plan, { answers }: Pick<Fetched, "answers">, id: string): string | undefined {
  for (const [wanted, answer] of answers) {
    if (wanted.id !== id) continue;
    return answer instanceof ProviderError ? undefined : names?.get(answer.from ?? wanted.source);
  }
  return undefined;
}
