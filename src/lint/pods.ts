import type { YamlNode } from "../formats/yaml-node.ts";
import type { Plan } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { KnownClasses } from "./known-classes.ts";
import { type Fields, fieldsOf, itemsOf, type KubernetesObject, textOf } from "./kubernetes-objects.ts";
import { classProblems } from "./pod-classes.ts";
import type { PodProblem } from "./pod-problem.ts";
import { rotationProblems } from "./pod-rotation.ts";
import { secretProblems } from "./pod-secrets.ts";
import { type CsiVolume, containersOf, readVolume } from "./pod-volumes.ts";
import { readerOf, unreadable } from "./readers.ts";
import { filesOf } from "./secret-objects.ts";

/** The kinds that make pods from a template in their spec. */
const makers = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Rollout"];

/** The way from an object to the pod that it makes; undefined for one that makes none. */
function podPath(kind: string): readonly string[] | undefined {
  if (kind === "Pod") return ["spec"];
  if (kind === "PodTemplate") return ["template", "spec"];
  if (kind === "CronJob") return ["spec", "jobTemplate", "spec", "template", "spec"];
  return makers.includes(kind) ? ["spec", "template", "spec"] : undefined;
}

/** Finds the problems with the driver's volumes of an object's pods, and with the Secrets that are made of them. */
export function podProblems(object: KubernetesObject, classes: KnownClasses): readonly PodProblem[] {
  const pod = podOf(object);
  if (pod === undefined) return [];
  const volumes = itemsOf(pod.get("volumes")?.value).flatMap(readVolume);
  const namespace = classes.namespaceOf(object);
  const mounted = volumes.map(({ className }) => className);
  const secrets = [
    ...secretProblems(pod, namespace, mounted, classes),
    ...rotationProblems(object, pod, mounted, classes),
  ];
  if (volumes.length === 0) return secrets;
  const mounts = containersOf(pod).flatMap((container) => {
    const fields = fieldsOf(container);
    return itemsOf(fields.get("volumeMounts")?.value).flatMap((node) => {
      const own = fieldsOf(node);
      const volume = volumes.find(({ name }) => name === textOf(own, "name"));
      if (volume === undefined) return [];
      const plan = classes.find(namespace, volume.className)?.plan;
      const mount = { node, fields: own, container: textOf(fields, "name"), plan };
      return [...subPathProblems(mount), ...modeProblems(mount, pod, fields)];
    });
  });
  return [
    ...volumes.filter(({ readOnly }) => !readOnly).map(notReadOnly),
    ...volumes.flatMap((volume) => classProblems(volume, object, classes)),
    ...mounts,
    ...secrets,
  ];
}

/** The names of the SecretProviderClasses that an object's pods mount. */
export function mountedBy(object: KubernetesObject): readonly string[] {
  const pod = podOf(object);
  const volumes = pod === undefined ? [] : itemsOf(pod.get("volumes")?.value).flatMap(readVolume);
  return volumes.map(({ className }) => className);
}

/** The spec of the pod that an object is or makes. */
function podOf(object: KubernetesObject): Fields | undefined {
  const path = podPath(object.kind);
  if (path === undefined) return undefined;
  return fieldsOf(path.reduce<YamlNode | undefined>((node, name) => fieldsOf(node).get(name)?.value, object.node));
}

function notReadOnly({ name, at }: CsiVolume): PodProblem {
  const message = `volume ${quoted(name)} is not readOnly: the driver refuses to mount it`;
  return {
    rule: "writable-volume",
    severity: "error",
    at,
    subject: "csi.readOnly",
    message,
    fix: "write readOnly: true beside driver",
  };
}

/** How a container mounts one of the volumes. */
interface VolumeMount {
  readonly node: YamlNode;
  readonly fields: Fields;
  readonly container: string;
  readonly plan: Plan | undefined;
}

function subPathProblems({ node, fields, container, plan }: VolumeMount): readonly PodProblem[] {
  const field = ["subPath", "subPathExpr"].find((each) => textOf(fields, each) !== "");
  if (field === undefined) return [];
  const text = textOf(fields, field);
  const at = fields.get(field)?.value.at ?? node.at;
  const where = { at, subject: `container ${quoted(container)}` };
  const isThere = filesOf(plan)?.some((file) => isBelow(file, text)) ?? true;
  if (field === "subPath" && !isThere) {
    const message = `the volume has no file ${quoted(text)}`;
    return [
      { ...where, rule: "no-such-file", severity: "error", message, fix: "name the path of a file of this volume" },
    ];
  }
  const message = `the ${field} mount of ${quoted(text)} keeps its first content for the pod's life, even after a rotation`;
  return [
    {
      ...where,
      rule: "stale-subpath",
      severity: "warning",
      message,
      fix: "mount the whole volume, and point the program to the file in it",
    },
  ];
}

function isBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

function modeProblems({ node, fields, container, plan }: VolumeMount, pod: Fields, own: Fields): readonly PodProblem[] {
  const subPath = textOf(fields, "subPath");
  const made = [...(plan?.outputs ?? []), ...(plan?.templates ?? [])].filter(
    ({ path }) => subPath === "" || isBelow(path, subPath),
  );
  const files = [...made, ...(plan?.expansions ?? []).map(({ subject, mode }) => ({ path: subject, mode }))];
  const words = unreadable(files, readerOf(pod, own));
  if (words === undefined) return [];
  const at = fields.get("name")?.value.at ?? node.at;
  return [{ rule: "unreadable-file", severity: "warning", at, subject: `container ${quoted(container)}`, ...words }];
}
