import { nativeName } from "../dialects/native/name.ts";
import { ProviderError } from "../errors.ts";
import { withGroups } from "../fetch/together.ts";
import { isKubelets } from "../plan/common-parameters.ts";
import type { Plan } from "../plan/plan.ts";
import { assumeOperator, assumeProfiles, unknownProfileOf } from "./assumed.ts";
import { connectionRisks } from "./connection-risks.ts";
import { jsonTemplateVerdicts } from "./json-templates.ts";
import { operatorRefusals } from "./operator-refusals.ts";
import { planOfClass } from "./plan-of-class.ts";
import { spreadRisks } from "./rotation-risks.ts";
import { unreadWords } from "./unread-words.ts";
import type { JudgeSurroundings, Verdict } from "./verdict.ts";
import { verifyRisks } from "./verify-risks.ts";

/** The result of judging parameters. */
export interface Judged {
  /** The plan of the mount; if only profiles are not known here, the files that it would have. */
  readonly plan: Plan | undefined;
  readonly verdicts: readonly Verdict[];
  /** The facts that a node would know, and that were assumed here. */
  readonly assumptions: readonly string[];
}

/** Judges parameters of a dialect as a mount does, and warns of what it would: for every command that reads them. */
export async function judgeParameters(
  provider: string,
  texts: ReadonlyMap<string, string>,
  namespace: string,
  surroundings: JudgeSurroundings,
): Promise<Judged> {
  const { operator, assumptions, verdicts } = await assumeOperator(provider, texts, surroundings);
  const around = { ...surroundings, operator };
  const planned = await planOfClass(provider, texts, namespace, around);
  const words = [...kubeletWords(texts), ...wordsOf(provider, texts)];
  if ("problems" in planned) {
    const problems = planned.problems.map((problem) => problemVerdict(problem, surroundings));
    const plan = await assumeProfiles({ provider, texts, namespace }, planned.problems, around);
    return { plan, verdicts: [...verdicts, ...problems, ...words], assumptions };
  }
  const plan = await withGroups(planned.plan, surroundings.stores);
  const risks = await connectionRisks(plan, provider, texts, surroundings);
  const logins = await operatorRefusals(plan, { provider, texts, namespace }, surroundings);
  const secrets = secretVerdicts(plan, namespace, surroundings);
  return {
    plan,
    verdicts: [
      ...verdicts,
      ...secrets,
      ...planVerdicts(plan),
      ...jsonTemplateVerdicts(plan),
      ...risks,
      ...logins,
      ...verifyRisks(plan, surroundings),
      ...spreadRisks(plan),
      ...words,
    ],
    assumptions,
  };
}

/** Returns the errors that make a mount fail. */
export function refusalsOf(verdicts: readonly Verdict[]): readonly ProviderError[] {
  return verdicts.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
}

function problemVerdict(error: ProviderError, { operatorKnown }: JudgeSurroundings): Verdict {
  const { at, subject, fix } = error.details;
  const { id, message } = error;
  if (operatorKnown || unknownProfileOf(error) === undefined) {
    return { severity: "error", id, at, subject, message, fix, refusal: error };
  }
  return {
    ...{ severity: "warning", id: "unknown-profile", at, subject },
    message: "the operator's profiles are not known here",
    fix: "give --config FILE to have it checked",
  };
}

function planVerdicts(plan: Plan): readonly Verdict[] {
  const warnings = plan.warnings.map(({ text: message, about, at }): Verdict => {
    if (about !== "collision")
      return { severity: "warning", id: about === "tls" ? "no-tls-check" : "weakness", at, message };
    return { severity: "error", id: "file-collision", at, message, fix: "give one of them another objectAlias" };
  });
  const makes = plan.outputs.length + (plan.expansions?.length ?? 0) + (plan.templates?.length ?? 0);
  if (makes > 0) return warnings;
  const message = "no secret is asked for: the pod gets an empty volume";
  const fix = "list a secret, or take the volume out of the pod";
  return [...warnings, { severity: "warning", id: "empty-volume", message, fix }];
}

/** Finds the Kubernetes Secrets that the operator does not allow; none if the operator's settings are not known. */
function secretVerdicts(plan: Plan, namespace: string, { checkSecrets }: JudgeSurroundings): readonly Verdict[] {
  if (checkSecrets === undefined || plan.kubernetesSecrets === undefined) return [];
  try {
    checkSecrets(plan.kubernetesSecrets, namespace);
    return [];
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error.singles.map((refusal): Verdict => {
      const { id, message, details } = refusal;
      const at = { parameter: "kubernetesSecrets" };
      return { severity: "error", id, at, subject: details.subject, message, fix: details.fix, refusal };
    });
  }
}

function kubeletWords(texts: ReadonlyMap<string, string>): readonly Verdict[] {
  return [...texts.keys()].filter(isKubelets).map((name): Verdict => {
    const message = "only the kubelet writes this";
    return {
      severity: "warning",
      id: "ignored-word",
      at: { parameter: name },
      subject: name,
      message,
      fix: "remove it",
    };
  });
}

/** The native dialect says itself what it does not know. */
function wordsOf(provider: string, texts: ReadonlyMap<string, string>): readonly Verdict[] {
  if (provider === nativeName) return [];
  const words = unreadWords(provider, texts).filter(({ parameter }) => !isKubelets(parameter));
  return words.map(({ rule, parameter, at, subject, message, fix }): Verdict => {
    return { severity: "warning", id: rule, at: { parameter, ...at }, subject, message, fix };
  });
}
