import { ProviderError } from "../errors.ts";

const rights = "run Latchkey as root, with the kubelet's pods directory mounted for writing";
const room = "free memory on the node, or mount fewer bytes";

const fixes: ReadonlyMap<string, string> = new Map([
  ["EACCES", rights],
  ["EPERM", rights],
  ["EROFS", "mount the kubelet's pods directory for writing: its volume mount is read-only"],
  ["ENOSPC", room],
  ["EDQUOT", room],
]);

/** `LK0008` for a failure of the file system while a volume is written, with a fix by its code; anything else as it is. */
export function writeError(thrown: unknown): unknown {
  const code = (thrown as { readonly code?: unknown } | undefined)?.code;
  if (thrown instanceof ProviderError || typeof code !== "string") return thrown;
  return new ProviderError("LK0008", `writing into the volume failed (${code})`, {
    subject: "target_path",
    fix: fixes.get(code) ?? "see the node's log about this directory; the kubelet retries",
  });
}
