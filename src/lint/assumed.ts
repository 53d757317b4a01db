import type { DialectName } from "../config/dialect-names.ts";
import type { Profile } from "../config/profile.ts";
import type { OperatorDefaults } from "../dialects/dialect.ts";
import type { Plan } from "../dialects/plan.ts";
import { addressParameter } from "../dialects/vault/flavour.ts";
import type { ProviderError } from "../errors.ts";
import type { JudgeSurroundings, Verdict } from "./judge.ts";
import { type PlanSurroundings, planOfClass } from "./plan-of-class.ts";

/** The operator's settings, with what had to be assumed. */
interface Assumed {
  readonly operator: OperatorDefaults;
  /** For people. */
  readonly assumptions: readonly string[];
  readonly verdicts: readonly Verdict[];
}

/** Takes for granted what a node or its operator would say: a region, and where the operator is not known, an address. */
export function assumeOperator(
  provider: DialectName,
  texts: ReadonlyMap<string, string>,
  surroundings: JudgeSurroundings,
): Assumed {
  const { operator } = surroundings;
  if (provider === "latchkey") return { operator, assumptions: [], verdicts: [] };
  return provider === "aws" ? assumeRegion(texts, operator) : assumeAddress(provider, texts, surroundings);
}

/** The region of a SecretProviderClass that names none: a node has one. */
const anyRegion = "us-east-1";

/** Where nobody names a region the node's own counts. The ARNs of objects must have it, so it is that of the first one. */
function assumeRegion(texts: ReadonlyMap<string, string>, operator: OperatorDefaults): Assumed {
  if (texts.get("region") || operator.aws.region !== undefined) return { operator, assumptions: [], verdicts: [] };
  const ofArn = /arn:[^:\s]*:[^:\s]*:([a-z0-9-]+):/.exec(texts.get("objects") ?? "")?.[1];
  const region = ofArn ?? anyRegion;
  const which = ofArn === undefined ? "" : ", that of the first ARN";
  const text = `region ${region}${which}: nobody names one, so a mount takes the node's own; give --aws-region to say which`;
  return { operator: { ...operator, aws: { region } }, assumptions: [text], verdicts: [] };
}

/** Of an operator who said nothing here an address is assumed, for today's default would be refused. */
function assumeAddress(
  provider: "vault" | "openbao",
  texts: ReadonlyMap<string, string>,
  { operator, operatorKnown }: JudgeSurroundings,
): Assumed {
  const { name, text } = addressParameter(provider, texts);
  const { addresses, agentAddress } = operator[provider];
  const isSaid = text !== "" || addresses !== undefined || agentAddress !== undefined;
  if (isSaid || operatorKnown || operator.defaultAddress !== "refused") {
    return { operator, assumptions: [], verdicts: [] };
  }
  const verdict: Verdict = {
    ...{ severity: "warning", id: "no-address", at: { parameter: name }, subject: name },
    message: "the SecretProviderClass names no address, and the operator's is not known here",
    fix: `set ${name}, or give --${provider}-addr or --config FILE to have it checked`,
  };
  const assumed = { ...operator[provider], addresses: ["https://operator.invalid"] };
  return { operator: { ...operator, [provider]: assumed }, assumptions: [], verdicts: [verdict] };
}

/** Where nothing is wrong but profiles that are not known here, the files are those that the simplest store would give. */
export async function assumeProfiles(
  provider: DialectName,
  texts: ReadonlyMap<string, string>,
  namespace: string,
  problems: readonly ProviderError[],
  { operator, stores, operatorKnown }: PlanSurroundings & Pick<JudgeSurroundings, "operatorKnown">,
): Promise<Plan | undefined> {
  const names = problems.flatMap((problem) => unknownProfileOf(problem) ?? []);
  if (operatorKnown || names.length < problems.length) return undefined;
  const assumed = names.map((name): readonly [string, Profile] => [
    name,
    { name, kind: "file", settings: { directory: "/" } },
  ]);
  const profiles = new Map([...operator.profiles, ...assumed]);
  const planned = await planOfClass(provider, texts, namespace, { stores, operator: { ...operator, profiles } });
  return "plan" in planned ? planned.plan : undefined;
}

/** The name that a problem says there is no profile of. */
export function unknownProfileOf({ id, message }: ProviderError): string | undefined {
  return id === "LK0020" ? /^there is no profile "([^"]*)"/.exec(message)?.[1] : undefined;
}
