import { loadDefaults } from "../config/config.ts";
import { printable } from "../lint/formats/human.ts";
import { planOfClass } from "../lint/plan-of-class.ts";
import { type PickedClass, pickClass } from "./pick-class.ts";
import { type PlanSummary, summarize } from "./plan-summary.ts";
import { planSurroundings } from "./plan-surroundings.ts";
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
  const surroundings = planSurroundings(config);
  const planned = await planOfClass(picked.provider, picked.parameters, flags.namespace, surroundings);
  if ("problems" in planned) {
    for (const problem of planned.problems) await print(`latchkey: ${printable(problem.describe())}\n`, process.stderr);
    return 1;
  }
  const summary = await summarize(planned.plan, surroundings.stores, config);
  const { namespace, serviceAccount, pod } = flags;
  const about = { secretProviderClass: picked.name, provider: picked.provider, namespace, serviceAccount, pod };
  await print(
    flags.format === "json" ? `${JSON.stringify({ ...about, ...summary }, null, 2)}\n` : told(summary, picked, flags),
  );
  return 0;
}

function told(
  summary: PlanSummary,
  { name, provider }: PickedClass,
  { namespace, serviceAccount, pod }: PlanFlags,
): string {
  const { tokenRequests, sessions, secrets, files, kubernetesSecrets, warnings } = summary;
  const who = `system:serviceaccount:${namespace}:${serviceAccount}${pod === undefined ? "" : `, pod ${pod}`}`;
  const requests = tokenRequests.map(({ audience }) => `  - audience: ${JSON.stringify(audience)}`);
  const lines = [
    `SecretProviderClass ${namespace}/${name}, provider ${provider}, for ${who}`,
    ...section("logins", sessions.map(sessionLine)),
    ...(requests.length === 0 ? [] : ["", "tokenRequests that the CSIDriver needs:", ...requests]),
    ...section("secrets", secrets.map(secretLine)),
    ...section("files", files.map(fileLine)),
    ...section("Kubernetes Secrets, where the operator allows them", kubernetesSecrets.map(kubernetesSecretLine)),
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
  next,
}: PlanSummary["secrets"][number]): string {
  const bounds = !shared.includes("pod")
    ? ""
    : `, asked again after ${refresh / 1000}s, served for ${maxStale / 1000}s while the store is away`;
  const others = next.map((other) => `, else ${other.store} ${other.name}`).join("");
  const found = limit === undefined ? "" : `, a search for ${limit} at most, each of them one read more`;
  return `${store} ${name}: shared ${shared}${bounds}${found}${optional ? ", optional" : ""}${others}`.replace(
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
