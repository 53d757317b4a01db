import type { ErrorId } from "../errors.ts";

/** How bad a finding is: an error keeps the pod from starting, or from having what it should. */
export type Severity = "error" | "warning";

/**
 * The rules that only the linter reports; everything else has the id of the error that the mount would return.
 * The texts are titles, for reports that list rules.
 */
export const rules = {
  "bad-yaml": "the file is not YAML",
  "no-class": "nothing in the input is a SecretProviderClass, or any object of Kubernetes",
  "bad-class": "the object is not a SecretProviderClass that Kubernetes accepts",
  "unknown-provider": "no provider has this name",
  "other-provider": "the provider is not one that Latchkey reads",
  "repeated-key": "a key appears twice",
  "repeated-class": "two SecretProviderClasses have one name",
  "file-collision": "two objects become one file",
  "unknown-word": "a parameter or field that is not read",
  "ignored-word": "a parameter or field that is no longer read",
  "no-tls-check": "the server's certificate is not checked",
  "plain-http": "secrets travel unencrypted",
  "not-verified": "new values are not tried, though the SecretProviderClass wants it",
  "refused-address": "the address policy refuses the address",
  "no-address": "neither the SecretProviderClass nor an operator that is known here names an address",
  "unknown-profile": "a profile of an operator that is not known here",
  weakness: "the SecretProviderClass has a weakness",
  "empty-volume": "the volume has no files",
  "bad-secret-object": "an entry of secretObjects that the driver refuses",
  "unknown-secret-type": "a type of Secret that is nearly one of Kubernetes",
  "no-such-file": "a file that the volume does not have",
  "stale-subpath": "a subPath mount is never updated",
  "stale-variable": "an environment variable is never updated",
  "unkept-secret": "a Secret that no pod keeps fresh",
  "lost-credential": "an old password stays in pods after it has stopped working",
  "two-restarts": "Reloader restarts pods twice a rotation",
  "unreadable-file": "a file that its pod cannot read because of the mode",
  "no-such-class": "a SecretProviderClass that the pod's namespace does not have",
  "unseen-class": "a SecretProviderClass that is not in the input",
  "bad-volume": "a volume that names no SecretProviderClass",
  "no-such-key": "a key that a Secret of the input does not have",
  "unmounted-secret": "a Secret of a SecretProviderClass that the pod does not mount",
  "writable-volume": "the driver mounts read-only volumes only",
} as const;

/** Id of a finding: a stable error id, or the name of a rule. */
export type FindingId = ErrorId | keyof typeof rules;

/** One thing that is wrong or risky, and where. No text of it quotes a secret. */
export interface Finding {
  readonly severity: Severity;
  readonly id: FindingId;
  /** As given on the command line; `-` is standard input. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** `SecretProviderClass shop/db`; empty where no object could be told. */
  readonly object: string;
  /** The subject of the finding: a parameter, `secrets[2].files[0].mode`. */
  readonly subject?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
}
