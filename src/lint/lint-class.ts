import { type DialectName, dialectNames } from "../config/dialect-names.ts";
import type { Profile } from "../config/profile.ts";
import type { Plan } from "../dialects/plan.ts";
import { quoted } from "../dialects/problems.ts";
import { fixForUnknown } from "../dialects/read-shape.ts";
import type { ParameterPlace, ProviderError } from "../errors.ts";
import type { YamlPosition } from "../formats/yaml-node.ts";
import type { Stores } from "../stores/store.ts";
import { connectionRisks } from "./connection-risks.ts";
import type { Finding, FindingId, Severity } from "./finding.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";
import type { LintSurroundings } from "./lint.ts";
import { isKubelets, planOfClass } from "./plan-of-class.ts";
import { isDialect, otherProviders } from "./providers.ts";
import { dialectWords } from "./schema/words.ts";
import { type MadeSecret, secretObjectProblems, secretsMadeBy } from "./secret-objects.ts";
import { placeInFile, readClass, type SecretProviderClass } from "./secret-provider-class.ts";
import { unreadWords } from "./unread-words.ts";

/** What was found in one SecretProviderClass, and the plan of one that is right. */
export interface LintedClass {
  readonly object: KubernetesObject;
  readonly findings: readonly Finding[];
  readonly plan: Plan | undefined;
  /** The Kubernetes Secrets that are made of it, but for those whose names have a hash behind them. */
  readonly secrets: readonly MadeSecret[];
  /** It logs in with what the Secret of `nodePublishSecretRef` holds. */
  readonly needsCredentials: boolean;
}

/** Lints one SecretProviderClass of a file. */
export async function lintClass(
  object: KubernetesObject,
  file: string,
  surroundings: LintSurroundings,
): Promise<LintedClass> {
  const { read, problems } = readClass(object);
  const report = new Report(read, file);
  for (const { rule, at, message, fix } of problems) report.add("error", rule, at, { message, fix });
  const plan = read.misplaced ? undefined : await lintSpec(read, report, surroundings);
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
  return { object, findings: report.findings, plan, secrets, needsCredentials };
}

async function lintSpec(
  read: SecretProviderClass,
  report: Report,
  surroundings: LintSurroundings,
): Promise<Plan | undefined> {
  if (!isDialect(read.provider)) {
    noteProvider(read, report);
    return undefined;
  }
  const texts = new Map([...read.parameters].map(([name, { text }]) => [name, text]));
  const plan = await lintParameters(read, texts, report, surroundings);
  if (read.provider === "latchkey") return plan;
  for (const { rule, parameter, at, subject, message, fix } of unreadWords(dialectWords[read.provider], texts)) {
    if (!isKubelets(parameter)) report.inParameter("warning", rule, { parameter, ...at }, { subject, message, fix });
  }
  return plan;
}

async function takesCredentials(plan: Plan, stores: Stores): Promise<boolean> {
  for (const { store, settings } of plan.secrets.map(({ source }) => source)) {
    if ((await stores.load(store)).proof(settings) === "credentials") return true;
  }
  return false;
}

async function lintParameters(
  read: SecretProviderClass,
  texts: ReadonlyMap<string, string>,
  report: Report,
  surroundings: LintSurroundings,
): Promise<Plan | undefined> {
  if (!isDialect(read.provider)) return undefined;
  for (const name of [...texts.keys()].filter(isKubelets)) {
    report.inParameter(
      "warning",
      "ignored-word",
      { parameter: name },
      { subject: name, message: "only the kubelet writes this", fix: "remove it" },
    );
  }
  const namespace = read.object.namespace || surroundings.namespace;
  const planned = await planOfClass(read.provider, texts, namespace, surroundings);
  const again = "problems" in planned ? await assumeRegion(read, texts, namespace, surroundings) : undefined;
  const result = again ?? planned;
  if ("problems" in result) {
    for (const problem of result.problems) report.problem(problem, surroundings.profilesKnown);
    return await assumeProfiles(read.provider, texts, namespace, result.problems, surroundings);
  }
  notePlan(result.plan, report);
  for (const { rule, parameter, message, fix } of connectionRisks(
    result.plan,
    read.provider,
    texts,
    surroundings.addresses,
  )) {
    report.inParameter("warning", rule, { parameter }, { subject: parameter, message, fix });
  }
  return result.plan;
}

/** Where nobody names a region the node's own counts, which is any: that of the first ARN, if there is one. */
async function assumeRegion(
  { provider }: SecretProviderClass,
  texts: ReadonlyMap<string, string>,
  namespace: string,
  surroundings: LintSurroundings,
) {
  const { operator } = surroundings;
  if (provider !== "aws" || texts.get("region") || operator.aws.region !== undefined) return undefined;
  const region = /arn:[^:\s]*:[^:\s]*:([a-z0-9-]+):/.exec(texts.get("objects") ?? "")?.[1] ?? "eu-central-1";
  return await planOfClass("aws", texts, namespace, { ...surroundings, operator: { ...operator, aws: { region } } });
}

/** Where nothing is wrong but profiles that are not known here, the files are those that the simplest store would give. */
async function assumeProfiles(
  provider: DialectName,
  texts: ReadonlyMap<string, string>,
  namespace: string,
  problems: readonly ProviderError[],
  surroundings: LintSurroundings,
): Promise<Plan | undefined> {
  const names = problems.flatMap((problem) => unknownProfileOf(problem) ?? []);
  if (surroundings.profilesKnown || names.length < problems.length) return undefined;
  const assumed = names.map((name): readonly [string, Profile] => [
    name,
    { name, kind: "file", settings: { directory: "/" } },
  ]);
  const { operator } = surroundings;
  const profiles = new Map([...operator.profiles, ...assumed]);
  const planned = await planOfClass(provider, texts, namespace, {
    ...surroundings,
    operator: { ...operator, profiles },
  });
  return "plan" in planned ? planned.plan : undefined;
}

/** The name that a problem says there is no profile of. */
function unknownProfileOf({ id, message }: ProviderError): string | undefined {
  return id === "LK0020" ? /^there is no profile "([^"]*)"/.exec(message)?.[1] : undefined;
}

function notePlan(plan: Plan, report: Report): void {
  for (const { text, about, at } of plan.warnings) {
    const id = { collision: "file-collision", tls: "no-tls-check", other: "weakness" } as const;
    const fix = about === "collision" ? "give one of them another objectAlias" : undefined;
    report.inParameter(about === "collision" ? "error" : "warning", id[about], at, { message: text, fix });
  }
  const makes = plan.outputs.length + (plan.expansions?.length ?? 0) + (plan.templates?.length ?? 0);
  if (makes > 0) return;
  const message = "nothing is asked for: the pod gets an empty volume";
  report.inParameter("warning", "empty-volume", undefined, {
    message,
    fix: "list a secret, or take the volume out of the pod",
  });
}

function noteProvider({ provider, providerAt }: SecretProviderClass, report: Report): void {
  if (provider === "") return;
  if (otherProviders.includes(provider)) {
    const message = `Latchkey does not read provider ${quoted(provider)}: nothing of its parameters is checked`;
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

  inParameter(severity: Severity, id: FindingId, at: ParameterPlace | undefined, words: Words): void {
    this.add(severity, id, placeInFile(this.#read, at), words);
  }

  /** A problem of the plan. Where its place is one of the file, the words for its place in the parameter are taken away. */
  problem(error: ProviderError, profilesKnown: boolean): void {
    const { at, subject, fix } = error.details;
    const place = placeInFile(this.#read, at);
    const own = ` at line ${at?.line}, column ${at?.column}`;
    const message = place.exact ? this.#inFile(error.message.replace(own, ""), at) : error.message;
    const isProfile = !profilesKnown && unknownProfileOf(error) !== undefined;
    if (!isProfile) this.add("error", error.id, place, { subject, message, fix });
    else this.add("warning", "unknown-profile", place, { subject, ...unknownProfile });
  }

  /** Of something that is there twice the first place is told in words. */
  #inFile(message: string, at: ParameterPlace | undefined): string {
    return message.replace(/\(first at line (\d+)\)/, (_, line: string) => {
      const first = at && placeInFile(this.#read, { parameter: at.parameter, line: Number(line) });
      return `(first at line ${first?.line ?? line})`;
    });
  }
}

const unknownProfile = {
  message: "the operator's profiles are not known here",
  fix: "give --config FILE to have it checked",
};

/** `SecretProviderClass shop/db`. */
export function titleOf({ kind, name, namespace }: KubernetesObject): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`.trim();
}
