import type { OperatorDefaults } from "../dialects/dialect.ts";
import { planOf } from "../dialects/plan-of.ts";
import { ProviderError } from "../errors.ts";
import { readCommon } from "../fetch/bounds.ts";
import { splitParameters } from "../plan/common-parameters.ts";
import type { Plan } from "../plan/plan.ts";
import type { Stores } from "../stores/store.ts";

/** The settings and stores that a plan is made with. */
export interface PlanSurroundings {
  readonly operator: OperatorDefaults;
  readonly stores: Stores;
}

/** A plan, or what is wrong: each problem once. */
export type Planned = { readonly plan: Plan } | { readonly problems: readonly ProviderError[] };

/** Plans the mount of parameters in a namespace, with the very parsers that a mount uses. */
export async function planOfClass(
  name: string,
  parameters: ReadonlyMap<string, string>,
  namespace: string,
  { operator, stores }: PlanSurroundings,
): Promise<Planned> {
  const { own, common } = splitParameters(parameters);
  const noted = problemsOf(() => readCommon(common));
  try {
    const plan = await planOf(name, { parameters: own, namespace, mode: 0o644, operator, stores });
    return noted.length === 0 ? { plan } : { problems: noted };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { problems: [...noted, ...error.singles] };
  }
}

function problemsOf(read: () => unknown): readonly ProviderError[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error.singles;
  }
}
