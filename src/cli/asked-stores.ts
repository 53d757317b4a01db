import { assumeOperator } from "../lint/assumed.ts";
import { planOfClass } from "../lint/plan-of-class.ts";
import type { JudgeSurroundings } from "../lint/verdict.ts";

/** The places that a mount asks, for people: `https://vault:8200`; empty if it asks none. */
export async function askedStores(
  provider: string,
  parameters: ReadonlyMap<string, string>,
  namespace: string,
  surroundings: JudgeSurroundings,
): Promise<string> {
  const { operator } = await assumeOperator(provider, parameters, surroundings);
  const planned = await planOfClass(provider, parameters, namespace, { ...surroundings, operator });
  if ("problems" in planned) return "";
  const places = planned.plan.secrets.map(async ({ source }) =>
    (await surroundings.stores.load(source.store)).place(source.settings),
  );
  return [...new Set(await Promise.all(places))].join(" and ");
}
