import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { nearest } from "../nearest.ts";
import { namedAll, quoted } from "../plan/problems.ts";
import type { KnownClasses } from "./known-classes.ts";
import { type Fields, fieldsOf, itemsOf, textOf } from "./kubernetes-objects.ts";
import type { PodProblem } from "./pod-problem.ts";
import { containersOf } from "./pod-volumes.ts";

/** A place where a pod names a Secret. */
interface SecretUse {
  readonly secret: string;
  /** Any one of them has to be there; none where all keys are taken. */
  readonly keys: readonly string[];
  readonly subject: string;
  readonly at: YamlPosition;
}

/**
 * Finds the problems with a pod's Secrets that SecretProviderClasses of the input make. Says nothing about other
 * Secrets: they may be made elsewhere.
 */
export function secretProblems(
  pod: Fields,
  namespace: string,
  mounted: readonly string[],
  classes: KnownClasses,
): readonly PodProblem[] {
  const told = new Set<string>();
  return usesOf(pod).flatMap((use) => {
    const { secret, keys, subject, at } = use;
    const made = classes.secret(namespace, secret);
    if (made === undefined) return [];
    const problems: PodProblem[] = [];
    const [wanted] = keys;
    if (wanted !== undefined && !keys.some((key) => made.keys.has(key))) {
      const message = `the Secret ${quoted(secret)}, which ${classNames(made.madeBy)} makes, has no key ${quoted(wanted)}`;
      const close = nearest(wanted, made.keys);
      const fix = close === undefined ? `it has ${namedAll([...made.keys])}` : `did you mean ${quoted(close)}?`;
      problems.push({ rule: "no-such-key", severity: "error", at, subject, message, fix });
    }
    if (!made.madeBy.some((name) => mounted.includes(name)) && told.size !== told.add(secret).size) {
      const message = `the Secret ${quoted(secret)} is made when a pod mounts ${classNames(made.madeBy)}, and this one does not`;
      const fix = "mount it in this pod too";
      problems.push({ rule: "unmounted-secret", severity: "warning", at, subject, message, fix });
    }
    return problems;
  });
}

function classNames(names: readonly string[]): string {
  return `SecretProviderClass ${names.map(quoted).join(" or ")}`;
}

function usesOf(pod: Fields): readonly SecretUse[] {
  const pulls = itemsOf(pod.get("imagePullSecrets")?.value);
  return [
    ...containersOf(pod).flatMap(usesOfContainer),
    ...itemsOf(pod.get("volumes")?.value).flatMap(usesOfVolume),
    ...pulls.flatMap((node, index) =>
      usesOfMap(node, "name", `imagePullSecrets[${index}]`, [[".dockerconfigjson", ".dockercfg"]]),
    ),
  ];
}

/** Returns the places where a pod's environment variables come from Secrets. */
export function variablesOf(pod: Fields): readonly SecretUse[] {
  return containersOf(pod).flatMap(usesOfContainer);
}

function usesOfContainer(node: YamlNode): readonly SecretUse[] {
  const fields = fieldsOf(node);
  const subject = `container ${quoted(textOf(fields, "name"))}`;
  const variables = itemsOf(fields.get("env")?.value).flatMap((variable) => {
    const ref = fieldsOf(fieldsOf(variable).get("valueFrom")?.value).get("secretKeyRef")?.value;
    return usesOfMap(ref, "name", subject, [[textOf(fieldsOf(ref), "key")]]);
  });
  const whole = itemsOf(fields.get("envFrom")?.value).flatMap((source) =>
    usesOfMap(fieldsOf(source).get("secretRef")?.value, "name", subject, [[]]),
  );
  return [...variables, ...whole];
}

function usesOfVolume(node: YamlNode): readonly SecretUse[] {
  const fields = fieldsOf(node);
  const subject = `volume ${quoted(textOf(fields, "name"))}`;
  const sources = itemsOf(fieldsOf(fields.get("projected")?.value).get("sources")?.value);
  const own = fields.get("secret")?.value;
  return [
    ...usesOfMap(own, "secretName", subject, keysOfItems(own)),
    ...sources.flatMap((source) => {
      const secret = fieldsOf(source).get("secret")?.value;
      return usesOfMap(secret, "name", subject, keysOfItems(secret));
    }),
  ];
}

/** Each item wants its key; without items all of the Secret is taken. */
function keysOfItems(node: YamlNode | undefined): readonly (readonly string[])[] {
  const items = itemsOf(fieldsOf(node).get("items")?.value);
  return items.length === 0 ? [[]] : items.map((item) => [textOf(fieldsOf(item), "key")]);
}

/** The uses that a map with a Secret's name stands for, one for each group of keys; an optional one may be missing. */
function usesOfMap(
  node: YamlNode | undefined,
  nameField: string,
  subject: string,
  groups: readonly (readonly string[])[],
): readonly SecretUse[] {
  const fields = fieldsOf(node);
  const secret = textOf(fields, nameField);
  const optional = fields.get("optional")?.value;
  if (node === undefined || secret === "" || (optional?.kind === "scalar" && optional.text === "true")) return [];
  const at = fields.get("key")?.value.at ?? fields.get(nameField)?.value.at ?? node.at;
  return groups.map((keys) => ({ secret, keys: keys.filter((key) => key !== ""), subject, at }));
}
