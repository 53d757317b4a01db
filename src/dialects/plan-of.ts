import { combineErrors } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { pathErrors } from "../plan/volume-paths.ts";
import type { DialectInput } from "./dialect.ts";
import { dialectDefinition } from "./index.ts";

/**
 * Plans a mount, for the mount itself and for whatever judges it before. Throws one `ProviderError` that lists every problem
 * of the SecretProviderClass, paths included.
 */
export async function planOf(dialect: string, input: Omit<DialectInput, "own">): Promise<Plan> {
  const { plan } = await dialectDefinition(dialect).load();
  const planned = await plan({ ...input, own: input.operator.dialects[dialect] });
  const [first, ...rest] = pathErrors(planned.outputs);
  if (first !== undefined) throw combineErrors([first, ...rest]);
  return planned;
}
