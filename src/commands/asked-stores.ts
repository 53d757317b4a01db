import type { DialectName } from "../config/dialect-names.ts";
import type { Source } from "../dialects/plan.ts";
import { assumeOperator } from "../lint/assumed.ts";
import type { JudgeSurroundings } from "../lint/judge.ts";
import { planOfClass } from "../lint/plan-of-class.ts";
import type { AwsSettings } from "../stores/aws/types.ts";
import type { VaultSettings } from "../stores/vault/types.ts";

/** The stores that a mount asks, for people: `vault at https://vault:8200`; empty where it asks none. */
export async function askedStores(
  provider: DialectName,
  parameters: ReadonlyMap<string, string>,
  namespace: string,
  surroundings: JudgeSurroundings,
): Promise<string> {
  const { operator } = assumeOperator(provider, parameters, surroundings);
  const planned = await planOfClass(provider, parameters, namespace, { ...surroundings, operator });
  if ("problems" in planned) return "";
  const names = planned.plan.secrets.map(({ source }) => nameOf(source));
  return [...new Set(names)].join(" and ");
}

function nameOf({ store, settings }: Source): string {
  if (store === "vault") return `vault at ${(settings as VaultSettings).addresses[0]}`;
  return store === "file" ? "files" : `${store} in ${(settings as AwsSettings).region}`;
}
