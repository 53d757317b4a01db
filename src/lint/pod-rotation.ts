import { canonicalText } from "../cache/keys.ts";
import type { Plan, Wanted } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { KnownClasses } from "./known-classes.ts";
import { type Fields, fieldsOf, type KubernetesObject, textOf } from "./kubernetes-objects.ts";
import type { PodProblem } from "./pod-problem.ts";
import { variablesOf } from "./pod-secrets.ts";

/** Annotations by which Reloader restarts a workload (https://docs.stakater.com/reloader/latest/reference/annotations.html). */
const restarts = /^(?:(?:secret|configmap|secretproviderclass)\.)?reloader\.stakater\.com\/(?:auto|search|reload)$/;

const ofVolumes = /^(?:secretproviderclass\.)?reloader\.stakater\.com\/(?:auto|search|reload)$/;

/** The words of a ref that choose one of several versions of a secret. */
const ofVersion = /version|stage|label|selector/i;

/** Finds what a rotation does to a pod that nobody restarts, and what it does twice to one that Reloader restarts. */
export function rotationProblems(
  object: KubernetesObject,
  pod: Fields,
  mounted: readonly string[],
  classes: KnownClasses,
): readonly PodProblem[] {
  const annotations = [...annotationsOf(object)].filter(([, text]) => text !== "false").map(([name]) => name);
  const namespace = classes.namespaceOf(object);
  const plans = mounted.flatMap((name) => classes.find(namespace, name)?.plan ?? []);
  return [
    ...(annotations.some((name) => restarts.test(name)) ? [] : staleVariables(pod, namespace, classes)),
    ...(annotations.some((name) => ofVolumes.test(name)) ? twoRestarts(object, plans) : []),
  ];
}

function annotationsOf({ node }: KubernetesObject): ReadonlyMap<string, string> {
  const annotations = fieldsOf(fieldsOf(fieldsOf(node).get("metadata")?.value).get("annotations")?.value);
  return new Map([...annotations.keys()].map((name) => [name, textOf(annotations, name)]));
}

/** One finding for each container and Secret. */
function staleVariables(pod: Fields, namespace: string, classes: KnownClasses): readonly PodProblem[] {
  const told = new Set<string>();
  return variablesOf(pod).flatMap(({ secret, subject, at }): readonly PodProblem[] => {
    const made = classes.secret(namespace, secret);
    if (made === undefined || told.size === told.add(`${subject} ${secret}`).size) return [];
    const message = `environment variables from the Secret ${quoted(secret)} keep their first value for the pod's life, even after a rotation`;
    const fix = "read a file of the volume instead, or have Reloader restart the pod";
    return [{ rule: "stale-variable", severity: "warning", at, subject, message, fix }];
  });
}

/** Versions of one secret that are not read together change at two moments, and Reloader restarts the pod at each. */
function twoRestarts({ at }: KubernetesObject, plans: readonly Plan[]): readonly PodProblem[] {
  const all = plans.flatMap((plan) => plan.secrets.map((wanted) => ({ wanted, unit: unitOf(wanted, plan) })));
  const bySecret = Map.groupBy(all, ({ wanted }) => secretOf(wanted));
  bySecret.delete(undefined);
  return [...bySecret.values()].flatMap((several): readonly PodProblem[] => {
    if (new Set(several.map(({ unit }) => unit)).size < 2) return [];
    const subjects = [...new Set(several.map(({ wanted }) => wanted.subject))].join(" and ");
    const message = `${subjects} are versions of one secret that are not read together: Reloader restarts the pods twice a rotation`;
    const fix = "name both in one SecretProviderClass, from one store, with the same fallback and share";
    return [{ rule: "two-restarts", severity: "warning", at, subject: "Reloader", message, fix }];
  });
}

/** The group of a secret, or the secret itself. */
function unitOf(wanted: Wanted, plan: Plan): unknown {
  return plan.groups?.find(({ members }) => members.includes(wanted)) ?? wanted;
}

/** The same for all versions of a secret; undefined for a search. */
function secretOf({ source: { store, settings, ref }, find }: Wanted): string | undefined {
  if (find !== undefined || typeof ref !== "object" || ref === null) return undefined;
  const name = Object.fromEntries(Object.entries(ref).filter(([field]) => !ofVersion.test(field)));
  return canonicalText([store, settings, name]);
}
