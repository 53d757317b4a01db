import { hash } from "node:crypto";

/** The key of anything that JSON can say: equal meaning, equal key. */
export function keyOf(...parts: readonly unknown[]): string {
  return hash("sha256", canonicalText(parts), "base64url");
}

/**
 * Anything that JSON can say as text: equal meaning, equal text. Objects are compared whatever the order of their
 * fields; `undefined` is the same as absent.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, sorted);
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The key of an answer that is for one pod alone. */
export function keyOfPod(key: string, pod: string): string {
  return `${key}/${pod}`;
}

/** Whether a key is one pod's own. */
export function isOfPod(key: string): boolean {
  return key.includes("/");
}

/** The key that all pods of the identity ask with first. */
export function sharedKey(key: string): string {
  return key.split("/", 1)[0] ?? key;
}
