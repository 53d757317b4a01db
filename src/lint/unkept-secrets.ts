import { quoted } from "../plan/problems.ts";
import type { Finding } from "./finding.ts";
import type { KnownClasses } from "./known-classes.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";
import { titleOf } from "./lint-class.ts";
import { mountedBy } from "./pods.ts";

/** Kinds whose pods end by themselves. */
const passing: readonly string[] = ["Job", "CronJob"];

/**
 * Finds SecretProviderClasses whose Secrets no pod keeps fresh: the driver and Latchkey write them when a pod mounts the class. Says
 * nothing where the input has no pods of the namespace that mount anything, or where some mount a class that is not in it.
 */
export function unkeptSecrets(
  objects: readonly (readonly [object: KubernetesObject, file: string])[],
  classes: KnownClasses,
  fileOf: (object: KubernetesObject) => string,
): readonly Finding[] {
  const mounts = objects.flatMap(([object]) =>
    mountedBy(object).map((name) => ({ name, namespace: classes.namespaceOf(object), kind: object.kind })),
  );
  return classes.all.flatMap(({ object, namespace, name, secrets }): readonly Finding[] => {
    const near = mounts.filter((each) => each.namespace === namespace);
    const isWhole = near.every((each) => classes.find(namespace, each.name) !== undefined);
    const lasting = near.filter(({ kind }) => !passing.includes(kind)).map((each) => each.name);
    const unkept = secrets.find((secret) => {
      const makers = classes.secret(namespace, secret.name)?.madeBy ?? lasting;
      return !makers.some((maker) => lasting.includes(maker));
    });
    if (unkept === undefined || near.length === 0 || !isWhole) return [];
    const who = near.some((each) => each.name === name)
      ? "only Jobs mount it, and those end"
      : "no pod of the input mounts it";
    return [
      {
        ...{ severity: "warning", id: "unkept-secret", file: fileOf(object), ...object.at, object: titleOf(object) },
        message: `the Secret ${quoted(unkept.name)} is made and updated only while a pod mounts this class, and ${who}`,
        fix: "mount it in a pod that runs on, such as the one that uses the Secret",
      },
    ];
  });
}
