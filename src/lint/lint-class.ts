import { dialectNames, isDialect } from "../dialects/index.ts";
import { fixForUnknown } from "../dialects/read-shape.ts";
import type { ParameterPlace, ProviderError } from "../errors.ts";
import type { YamlPosition } from "../formats/yaml-node.ts";
import type { Plan } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { Stores } from "../stores/store.ts";
import { droppedFields } from "./class-head.ts";
import type { Finding, FindingId, Severity } from "./finding.ts";
import { type Judged, judgeParameters, refusalsOf } from "./judge.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";
import { isOtherProvider } from "./providers.ts";
import { type MadeSecret, secretObjectProblems, secretsMadeBy } from "./secret-objects.ts";
import { placeInFile, readClass, type SecretProviderClass } from "./secret-provider-class.ts";
import type { JudgeSurroundings, Verdict } from "./verdict.ts";

/** The context in which SecretProviderClasses are judged. */
export interface LintSurroundings extends JudgeSurroundings {
  /** Of an object that names none. */
  readonly namespace: string;
}

/** The findings in one SecretProviderClass, and its plan if it is right. */
export interface LintedClass {
  readonly object: KubernetesObject;
  readonly findings: readonly Finding[];
  readonly plan: Plan | undefined;
  /** The errors that a mount returns instead of files, if the operator's settings are the ones known here. */
  readonly refusals: readonly ProviderError[];
  /** The facts that a node would know, and that were assumed. */
  readonly assumptions: readonly string[];
  /** The Kubernetes Secrets that are made of it, but for those whose names have a hash behind them. */
  readonly secrets: readonly MadeSecret[];
  /** It logs in with what the Secret of `nodePublishSecretRef` holds. */
  readonly needsCredentials: boolean;
}

/** Lints one SecretProviderClass of a file, for pods of a namespace; its own where none is given. */
export async function lintClass(
  object: KubernetesObject,
  file: string,
  surroundings: LintSurroundings,
  namespace = object.namespace || surroundings.namespace,
): Promise<LintedClass> {
  const { read, problems } = readClass(object);
  const report = new Report(read, file);
  for (const { rule, at, message, fix } of problems) report.add("error", rule, at, { message, fix });
  for (const { at, ...words } of droppedFields(object)) report.add("warning", "unknown-word", at, words);
  const judged = read.misplaced ? undefined : await lintSpec(read, report, surroundings, namespace);
  const plan = judged?.plan;
  for (const { rule, at, subject, message, fix } of secretObjectProblems(read.secretObjects, plan)) {
    const severity = rule === "bad-secret-object" || rule === "no-such-file" ? "error" : "warning";
    report.add(severity, rule, at, { subject, message, fix });
  }
  const own = (plan?.kubernetesSecrets ?? []).filter(({ immutable }) => !immutable);
  const secrets = [
    ...secretsMadeBy(read.secretObjects),
    ...own.map(({ name, data }) => ({ name, keys: new Set(data.keys()) })),
  ];
  const needsCredentials = plan !== undefined && (await takesCredentials(plan, surroundings.stores));
  const refusals = refusalsOf(judged?.verdicts ?? []);
  const assumptions = judged?.assumptions ?? [];
  return { object, findings: report.findings, plan, refusals, assumptions, secrets, needsCredentials };
}

async function lintSpec(
  read: SecretProviderClass,
  report: Report,
  surroundings: LintSurroundings,
  namespace: string,
): Promise<Judged | undefined> {
  if (!isDialect(read.provider)) {
    noteProvider(read, report);
    return undefined;
  }
  const texts = new Map([...read.parameters].map(([name, { text }]) => [name, text]));
  const judged = await judgeParameters(read.provider, texts, namespace, surroundings);
  for (const verdict of judged.verdicts) report.verdict(verdict);
  return judged;
}

async function takesCredentials(plan: Plan, stores: Stores): Promise<boolean> {
  for (const { store, settings } of plan.secrets.map(({ source }) => source)) {
    if ((await stores.load(store)).proof(settings) === "credentials") return true;
  }
  return false;
}

function noteProvider({ provider, providerAt }: SecretProviderClass, report: Report): void {
  if (provider === "") return;
  if (isOtherProvider(provider)) {
    const message = `Latchkey does not read provider ${quoted(provider)}: its parameters are not checked`;
    report.add("warning", "other-provider", providerAt, { message, fix: undefined });
  } else {
    const message = `there is no provider ${quoted(provider)}`;
    report.add("error", "unknown-provider", providerAt, { message, fix: fixForUnknown(provider, dialectNames) });
  }
}

/** The words of a finding. */
type Words = Pick<Finding, "subject" | "message" | "fix">;

/** Findings of one SecretProviderClass. */
class Report {
  readonly findings: Finding[] = [];
  readonly #read: SecretProviderClass;
  readonly #file: string;

  constructor(read: SecretProviderClass, file: string) {
    this.#read = read;
    this.#file = file;
  }

  add(severity: Severity, id: FindingId, { line, column }: YamlPosition, words: Words): void {
    this.findings.push({ severity, id, file: this.#file, line, column, object: titleOf(this.#read.object), ...words });
  }

  /** Where its place is one of the file, the words for its place in the parameter are taken away. */
  verdict({ severity, id, at, subject, message, fix }: Verdict): void {
    const place = placeInFile(this.#read, at);
    const own = ` at line ${at?.line}, column ${at?.column}`;
    const words = place.exact ? this.#inFile(message.replace(own, ""), at) : message;
    this.add(severity, id, place, { subject, message: words, fix });
  }

  /** Of something that appears twice the first place is told in words. */
  #inFile(message: string, at: ParameterPlace | undefined): string {
    return message.replace(/\(first at line (\d+)\)/, (_, line: string) => {
      const first = at && placeInFile(this.#read, { parameter: at.parameter, line: Number(line) });
      return `(first at line ${first?.line ?? line})`;
    });
  }
}

/** `SecretProviderClass shop/db`. */
export function titleOf({ kind, name, namespace }: KubernetesObject): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`.trim();
}
