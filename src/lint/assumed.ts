import type { Profile } from "../config/profile.ts";
import type { OperatorDefaults } from "../dialects/dialect.ts";
import { dialectDefinition } from "../dialects/index.ts";
import type { ProviderError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { storeDefinitions } from "../stores/index.ts";
import { type PlanSurroundings, planOfClass } from "./plan-of-class.ts";
import type { JudgeSurroundings, Verdict } from "./verdict.ts";

/** The operator's settings, with what had to be assumed. */
interface AssumedOperator {
  readonly operator: OperatorDefaults;
  /** For people. */
  readonly assumptions: readonly string[];
  readonly verdicts: readonly Verdict[];
}

/** Takes for granted what a node or its operator would say: a region, and if the operator is not known, an address. */
export async function assumeOperator(
  provider: string,
  texts: ReadonlyMap<string, string>,
  { operator, operatorKnown }: JudgeSurroundings,
): Promise<AssumedOperator> {
  const judging = await dialectDefinition(provider).judging();
  const { defaultAddress } = operator;
  const assumed = judging.assume?.(texts, operator.dialects[provider], { operatorKnown, defaultAddress });
  if (assumed === undefined) return { operator, assumptions: [], verdicts: [] };
  const verdicts = assumed.missing.map(({ id = "no-address" as const, parameter, message, fix }): Verdict => {
    return { severity: "warning", id, at: { parameter }, subject: parameter, message, fix };
  });
  const dialects = { ...operator.dialects, [provider]: assumed.own };
  return { operator: { ...operator, dialects }, assumptions: assumed.assumptions, verdicts };
}

/** The simplest store, to stand for one that is not known. */
const simplest = storeDefinitions.find(({ isOperatorsOnly }) => isOperatorsOnly === true)?.kind ?? "";

/** Parameters as they are written, and where. */
interface Written {
  readonly provider: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly namespace: string;
}

/** Where nothing is wrong but profiles that are not known here, the files are those that the simplest store would give. */
export async function assumeProfiles(
  { provider, texts, namespace }: Written,
  problems: readonly ProviderError[],
  { operator, stores, operatorKnown }: PlanSurroundings & Pick<JudgeSurroundings, "operatorKnown">,
): Promise<Plan | undefined> {
  const names = problems.flatMap((problem) => unknownProfileOf(problem) ?? []);
  if (operatorKnown || names.length < problems.length) return undefined;
  const assumed = names.map((name): readonly [string, Profile] => [
    name,
    { name, kind: simplest, settings: { directory: "/" } },
  ]);
  const profiles = new Map([...operator.profiles, ...assumed]);
  const planned = await planOfClass(provider, texts, namespace, { stores, operator: { ...operator, profiles } });
  return "plan" in planned ? planned.plan : undefined;
}

/** The name that a problem says there is no profile of. */
export function unknownProfileOf({ id, message }: ProviderError): string | undefined {
  return id === "LK0020" ? /^there is no profile "([^"]*)"/.exec(message)?.[1] : undefined;
}
