import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Applied } from "../kubernetes/apply-refusal.ts";
import { readSecretMetadata, type SecretMetadata, secretPath } from "../kubernetes/secret-metadata.ts";
import { classKind } from "../kubernetes/secret-provider-class.ts";
import { quoted } from "../plan/problems.ts";
import { invalidSecret } from "./invalid-secret.ts";
import { fieldManager, foreign, judgePresent, type SecretWrite } from "./judge-present.ts";
import { notesFor } from "./secret-notes.ts";

/** Others may write between a look and an apply so often. */
const mostTries = 4;

/**
 * Makes one Secret what it should be, where it may be written. Looks first, and applies only over what it has seen, so that
 * of two nodes the one with the older content never comes last. Throws `LK0052` for a Secret of somebody else, `LK0053`
 * where the API will not have it, and what the API client throws.
 */
export async function writeSecret(
  api: KubernetesApi,
  write: SecretWrite,
  now: () => number,
  signal: AbortSignal,
): Promise<"written" | "unchanged" | "older"> {
  const { namespace, name } = write.desired;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const present = await readSecretMetadata(api, namespace, name, signal);
    const verdict = present === undefined ? "replace" : judgePresent(present, write, now());
    if (verdict !== "replace") return verdict;
    const applied = await api.apply(secretPath(namespace, name), objectOf(write, present), fieldManager, signal);
    if (applied.kind === "applied") return "written";
    refuse(applied, write);
  }
  const fix = "find out who else writes it: kubectl get secret --show-managed-fields";
  throw foreign(write.desired, "something else changes it at every attempt", fix);
}

function refuse(applied: Exclude<Applied, { kind: "applied" }>, { desired }: SecretWrite): void {
  if (applied.kind === "conflict") {
    const who = applied.managers.map(quoted).join(", ");
    throw foreign(desired, `${who} wrote fields of it`, "have them give the fields up, or choose another name");
  }
  if (applied.kind === "stale") return;
  throw invalidSecret(desired, applied.faults);
}

/**
 * Returns the object to apply. If a Secret was seen, it names that very version. If none was seen, it names a version
 * that no Secret has (the class's): the API makes a new Secret whatever version it names, and refuses it if there is
 * one by now.
 */
function objectOf({ desired, owner, serviceAccount }: SecretWrite, present: SecretMetadata | undefined): object {
  const { namespace, name, spec, data } = desired;
  const values = [...data.reveal()].map(([key, bytes]) => [key, Buffer.from(bytes).toString("base64")]);
  const version =
    present === undefined
      ? { resourceVersion: owner.resourceVersion }
      : { uid: present.uid, resourceVersion: present.resourceVersion };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...{ name, namespace, ...version },
      labels: Object.fromEntries([...spec.labels, ["app.kubernetes.io/managed-by", "latchkey"]]),
      annotations: Object.fromEntries([
        ...spec.annotations,
        ...notesFor(desired, serviceAccount, owner.generation, present?.annotations),
      ]),
      ownerReferences: [{ ...classKind, name: owner.name, uid: owner.uid }],
    },
    type: spec.type,
    ...(spec.immutable ? { immutable: true } : {}),
    data: Object.fromEntries(values),
  };
}
