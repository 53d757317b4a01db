import type { Finding } from "../lint/finding.ts";
import { printable } from "../lint/formats/human.ts";
import type { KubernetesObject } from "../lint/kubernetes-objects.ts";
import { lintClass } from "../lint/lint-class.ts";
import { loadDefaults } from "../node/load-config.ts";
import { pickClass } from "./pick-class.ts";
import { type PlanSummary, summarize } from "./plan-summary.ts";
import { judgeSurroundings } from "./plan-surroundings.ts";
import { print } from "./terminal.ts";

/** Flags of its own. */
export interface PlanFlags {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod?: string;
  readonly name?: string;
  readonly format: "human" | "json";
  readonly [setting: string]: unknown;
}

/** Prints what a mount would do, without asking anybody; gives the exit code: 0, or 1 where the mount would refuse it. */
export async function planFromShell(
  file: string,
  flags: PlanFlags,
  settings: ReadonlyMap<string, string>,
): Promise<number> {
  const config = await loadDefaults({ flags: settings });
  const picked = await pickClass(file, flags.name);
  const { namespace, serviceAccount, pod } = flags;
  // All that a mount would be told of the operator is in the flags.
  const surroundings = { ...judgeSurroundings(config, true), namespace };
  const linted = await lintClass(picked.object, file, surroundings, namespace);
  const { plan, refusals, findings, assumptions } = linted;
  for (const refusal of refusals) await print(`latchkey: ${printable(refusal.describe())}\n`, process.stderr);
  if (refusals.length > 0) return 1;
  if (plan === undefined) throw new Error("a class that nothing is wrong with has no plan");
  const summary = await summarize(plan, surroundings.stores, config);
  const about = { secretProviderClass: picked.name, provider: picked.provider, namespace, serviceAccount, pod };
  const warnings = [...namespaceWarnings(picked.object, namespace), ...findings.map(warningText)];
  const told = { ...about, assumptions, ...summary, warnings };
  await print(flags.format === "json" ? `${JSON.stringify(told, null, 2)}\n` : report(told));
  return 0;
}

/** The summary with what was found beside it. */
interface Told extends PlanSummary {
  readonly secretProviderClass: string;
  readonly provider: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string | undefined;
  readonly assumptions: readonly string[];
  readonly warnings: readonly string[];
}

/** The driver looks for the class in the pod's namespace. */
function namespaceWarnings({ namespace: own }: KubernetesObject, namespace: string): readonly string[] {
  if (own === "" || own === namespace) return [];
  return [
    `the SecretProviderClass is in namespace ${own}, but pods in ${namespace} can use only those of their own namespace`,
  ];
}

function warningText({ file, line, column, subject, message, fix }: Finding): string {
  const about = subject === undefined ? "" : `${subject}: `;
  return `${file}:${line}:${column}: ${about}${message}${fix === undefined ? "" : `. Fix: ${fix}`}`;
}

function report(told: Told): string {
  const { secretProviderClass, provider, namespace, serviceAccount, pod, assumptions } = told;
  const { tokenRequests, sessions, secrets, files, kubernetesSecrets, warnings } = told;
  const who = `system:serviceaccount:${namespace}:${serviceAccount}${pod === undefined ? "" : `, pod ${pod}`}`;
  const requests = tokenRequests.map(({ audience }) => `  - audience: ${JSON.stringify(audience)}`);
  const lines = [
    `SecretProviderClass ${namespace}/${secretProviderClass}, provider ${provider}, for ${who}`,
    ...section("assumed", assumptions),
    ...section("logins", sessions.map(sessionLine)),
    ...(requests.length === 0 ? [] : ["", "tokenRequests that the CSIDriver needs:", ...requests]),
    ...section("secrets", secrets.map(secretLine)),
    ...section("files", files.map(fileLine)),
    ...section("Kubernetes Secrets", kubernetesSecrets.map(kubernetesSecretLine)),
    ...section("warnings", warnings),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function sessionLine({
  stores,
  settings,
  login,
  audience,
  annotations,
  calls,
}: PlanSummary["sessions"][number]): string {
  const token = audience === undefined ? "" : ` for ${JSON.stringify(audience)}`;
  const looked = annotations.map((annotation) => `, annotation ${annotation} of the service account`).join("");
  const count = `${calls.login} login, ${calls.read} read${calls.read === 1 ? "" : "s"}`;
  return `${stores.join(" and ")}: ${count}; by ${login}${token}${looked}; ${JSON.stringify(settings)}`;
}

function secretLine({
  store,
  name,
  shared,
  refresh,
  maxStale,
  optional,
  limit,
  verify,
  next,
}: PlanSummary["secrets"][number]): string {
  const bounds = !shared.includes("pod")
    ? ""
    : `, asked again after ${refresh / 1000}s, served for ${maxStale / 1000}s while the store is away`;
  const others = next.map((other) => `, else ${other.store} ${other.name}`).join("");
  const tried =
    verify === undefined ? "" : `, tried by ${verify.kinds.join(" and ")}, held for ${verify.hold / 1000}s at most`;
  const found = limit === undefined ? "" : `, a search for ${limit} at most, each of them one more read`;
  return `${store} ${name}: shared ${shared}${bounds}${tried}${found}${optional ? ", optional" : ""}${others}`.replace(
    "shared not",
    "not",
  );
}

function fileLine({ path, each, mode, from, selection, version, subject }: PlanSummary["files"][number]): string {
  const target = path ?? `each ${each} (${subject})`;
  const how = selection === "" ? "" : ` (${selection})`;
  const of = from.length === 0 ? "" : ` from ${from.join(", ")}`;
  return `${target} ${mode}${of}${how}; version: ${version}`;
}

function kubernetesSecretLine({ name, type, immutable, data }: PlanSummary["kubernetesSecrets"][number]): string {
  const shown = immutable ? `${name}-<hash>, immutable` : name;
  return `${shown}, ${type}: ${data.map(({ key, from }) => `${key} from ${from}`).join(", ")}`;
}
