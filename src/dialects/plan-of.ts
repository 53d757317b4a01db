import { combineErrors } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { pathErrors } from "../plan/volume-paths.ts";
import type { Elsewhere } from "./class-texts.ts";
import type { DialectInput } from "./dialect.ts";
import { dialectDefinition } from "./index.ts";

/** The input of a plan. */
export type PlanInput = Omit<DialectInput, "own" | "texts">;

/**
 * Plans a mount, for the mount itself and for whatever judges it before. What takes long is read `elsewhere`, if there is
 * such a place. Throws one `ProviderError` that lists every problem of the SecretProviderClass, paths included.
 */
export async function planOf(dialect: string, input: PlanInput, elsewhere?: Elsewhere): Promise<Plan> {
  const { plan } = await dialectDefinition(dialect).load();
  const { ClassTexts } = await import("./class-texts.ts");
  const texts = new ClassTexts(elsewhere);
  await texts.prepareYaml([...input.parameters.values()]);
  const planned = await plan({ ...input, own: input.operator.dialects[dialect], texts });
  const [first, ...rest] = pathErrors(planned.outputs);
  if (first !== undefined) throw combineErrors([first, ...rest]);
  return planned;
}
