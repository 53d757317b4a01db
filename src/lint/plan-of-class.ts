import type { OperatorDefaults } from "../dialects/dialect.ts";
import { dialectDefinition } from "../dialects/index.ts";
import { ProviderError } from "../errors.ts";
import { notBeforeParameter, readNotBefore } from "../fetch/bounds.ts";
import type { Plan } from "../plan/plan.ts";
import { pathErrors } from "../plan/volume-paths.ts";
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
  const dialect = await dialectDefinition(name).load();
  const own = new Map(
    [...parameters].filter(([parameter]) => parameter !== notBeforeParameter && !isKubelets(parameter)),
  );
  const noted = problemsOf(() => readNotBefore(parameters));
  try {
    const plan = await dialect.plan({
      parameters: own,
      namespace,
      mode: 0o644,
      operator,
      own: operator.dialects[name],
      stores,
    });
    const problems = [...noted, ...pathErrors(plan.outputs)];
    return problems.length === 0 ? { plan } : { problems };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { problems: [...noted, ...error.singles] };
  }
}

/** Keys that only the kubelet writes: the mount takes them out. */
export function isKubelets(parameter: string): boolean {
  return parameter.startsWith("csi.storage.k8s.io/") || parameter === "secretProviderClass";
}

function problemsOf(read: () => unknown): readonly ProviderError[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return [error.placed({ parameter: notBeforeParameter })];
  }
}
