import { type ErrorId, ProviderError, toProviderError } from "../../errors.ts";

const ids: ReadonlyMap<string, ErrorId> = new Map([
  ["ENOENT", "LK0034"],
  ["ENOTDIR", "LK0034"],
  ["EACCES", "LK0033"],
  ["EPERM", "LK0033"],
  ["ELOOP", "LK0037"],
  ["ENAMETOOLONG", "LK0037"],
  ["EISDIR", "LK0037"],
  ["ENXIO", "LK0037"],
  ["EIO", "LK0030"],
  ["ESTALE", "LK0030"],
  ["ETIMEDOUT", "LK0030"],
  ["EHOSTDOWN", "LK0030"],
]);

const words: Partial<Record<ErrorId, readonly [message: string, fix: string]>> = {
  LK0030: ["cannot be reached", "check the file system that holds the store's directory"],
  LK0033: ["may not be read", "let Latchkey's user read the file and every directory above it"],
  LK0034: [
    "does not exist",
    "check the name, and that the operator put the file into the directory of this pod's profile",
  ],
  LK0037: ["is not a file that can be read", "name a regular file below the store's directory"],
};

/** Returns a failed file operation's error, by its code; `what` is the ref in words, never the path on the node. */
export function fileError(thrown: unknown, what: string): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
  if (code === undefined) return toProviderError(thrown);
  const id = ids.get(code) ?? "LK0036";
  const [message, fix] = words[id] ?? ["cannot be read", "check the state of the node"];
  return new ProviderError(id, `${what} ${message} (${code})`, { storeCode: code, fix });
}
