import { nearest } from "../nearest.ts";
import { quoted } from "../plan/problems.ts";
import type { KnownClasses } from "./known-classes.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";
import type { PodProblem } from "./pod-problem.ts";
import type { CsiVolume } from "./pod-volumes.ts";

/** Finds the problems with the SecretProviderClass that a volume names. */
export function classProblems(
  volume: CsiVolume,
  object: KubernetesObject,
  classes: KnownClasses,
): readonly PodProblem[] {
  const { className, classAt, wrongClass, at, hasCredentials } = volume;
  const subject = `volume ${quoted(volume.name)}`;
  if (wrongClass !== undefined) {
    return [{ rule: "bad-volume", severity: "error", at: wrongClass.at ?? classAt, subject, ...wrongClass }];
  }
  const namespace = classes.namespaceOf(object);
  const found = classes.find(namespace, className);
  if (found === undefined) {
    const missing = missingClass(className, object, classes);
    return missing === undefined ? [] : [{ at: classAt, subject, ...missing }];
  }
  if (!found.needsCredentials || hasCredentials) return [];
  const message = `SecretProviderClass ${quoted(className)} logs in with what a Secret holds, and the volume names none`;
  const fix = "write nodePublishSecretRef: { name: ... } beside driver";
  return [{ rule: "LK0016", severity: "error", at, subject, message, fix }];
}

type Missing = Pick<PodProblem, "rule" | "severity" | "message" | "fix">;

/** Where the input has no class at all, its classes are somewhere else. */
function missingClass(name: string, object: KubernetesObject, classes: KnownClasses): Missing | undefined {
  if (classes.all.length === 0) return undefined;
  const namespace = classes.namespaceOf(object);
  const namesake = classes.all.find((known) => known.name === name);
  if (namesake !== undefined) return inOtherNamespace(name, namesake.object.namespace, object.namespace);
  const names = classes.all.filter((known) => known.namespace === namespace).map((known) => known.name);
  const close = nearest(name, names);
  if (close !== undefined && withoutDigits(close) !== withoutDigits(name)) {
    const message = `there is no SecretProviderClass ${quoted(name)} in namespace ${quoted(namespace)}`;
    return { rule: "no-such-class", severity: "error", message, fix: `did you mean ${quoted(close)}?` };
  }
  const message = `SecretProviderClass ${quoted(name)} is not in the input, so this volume is not checked`;
  return { rule: "unseen-class", severity: "warning", message, fix: "name its file too" };
}

/** `web-1` and `web-2` are likely to be two, not one that is misspelt. */
function withoutDigits(name: string): string {
  return name.replace(/\d+/g, "");
}

/** An object that names no namespace can be applied to any. */
function inOtherNamespace(name: string, ofClass: string, ofPod: string): Missing {
  if (ofClass !== "" && ofPod !== "") {
    const message = `SecretProviderClass ${quoted(name)} is in namespace ${quoted(ofClass)}, but pods in ${quoted(ofPod)} can use only those of their own namespace`;
    return { rule: "no-such-class", severity: "error", message, fix: `move it to namespace ${quoted(ofPod)}` };
  }
  const message =
    ofClass === ""
      ? `SecretProviderClass ${quoted(name)} names no namespace, and the pod names ${quoted(ofPod)}`
      : `SecretProviderClass ${quoted(name)} names the namespace ${quoted(ofClass)}, and the pod names none`;
  const fix = `write metadata.namespace in both, or give --namespace ${ofClass || ofPod}`;
  return { rule: "unseen-class", severity: "warning", message, fix };
}
