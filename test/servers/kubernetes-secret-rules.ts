import type { StoredSecret } from "./kubernetes-secrets.ts";

/** The most that a Secret may hold, in bytes; its annotations may hold a quarter of it. */
export const oneMiB = 1024 ** 2;

/** A field that is wrong, and the API's word for why. */
export type Fault = readonly [path: string, reason: string];

/** Returns the faults that the API server's own validation finds (kubernetes/pkg/apis/core/validation, ValidateSecret). */
export function invalidFields(leaves: ReadonlyMap<string, string>, before: StoredSecret | undefined): readonly Fault[] {
  const data = [...leaves].filter(([path]) => path.startsWith("data/"));
  const bytes = data.reduce((sum, [, value]) => sum + Buffer.from(value, "base64").length, 0);
  const type = leaves.get("type") ?? "";
  const needed = new Map([
    ["kubernetes.io/tls", ["data/tls.crt", "data/tls.key"]],
    ["kubernetes.io/ssh-auth", ["data/ssh-privatekey"]],
    ["kubernetes.io/dockerconfigjson", ["data/.dockerconfigjson"]],
  ]);
  const changed = (path: string) => before !== undefined && before.leaves.get(path) !== leaves.get(path);
  const frozen = before?.leaves.get("immutable") === "true";
  const notes = [...leaves].filter(([path]) => path.startsWith("metadata/annotations/"));
  const noted = notes.reduce(
    (sum, [path, value]) => sum + path.length - "metadata/annotations/".length + value.length,
    0,
  );
  const wrong = data.map(([path]) => path).filter((path) => !/^data\/[-._a-zA-Z0-9]{1,253}$/.test(path));
  const missing = (needed.get(type) ?? []).filter((path) => !leaves.has(path));
  // The change is judged before the object.
  return [
    ...(noted > oneMiB / 4 ? [["metadata.annotations", "FieldValueTooLong"] as const] : []),
    ...(changed("type") ? [["type", "FieldValueInvalid"] as const] : []),
    ...(frozen && (data.some(([path]) => changed(path)) || changed("immutable"))
      ? [["data", "FieldValueForbidden"] as const]
      : []),
    ...(bytes > oneMiB ? [["data", "FieldValueTooLong"] as const] : []),
    ...wrong.map((path) => [path, "FieldValueInvalid"] as const),
    ...missing.map((path) => [path, "FieldValueRequired"] as const),
  ];
}
