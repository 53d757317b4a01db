import { describe, expect, it } from "vitest";
import { writeError } from "../../src/deliver/write-error.ts";

describe("a volume that cannot be written", () => {
  const rights = "run Latchkey as root, with the kubelet's pods directory mounted for writing";
  const room = "free memory on the node, or mount fewer bytes";
  const fixes: readonly [string, string][] = [
    ["EACCES", rights],
    ["EPERM", rights],
    ["EROFS", "mount the kubelet's pods directory for writing: its volume mount is read-only"],
    ["ENOSPC", room],
    ["EDQUOT", room],
    ["EIO", "see the node's log about this directory; the kubelet retries"],
  ];
  it.each(fixes)("is told with what to change: %s", (code, fix) => {
    const error = writeError(Object.assign(new Error("no"), { code }));
    expect((error as Error & { describe(): string }).describe()).toBe(
      `LK0008 target_path: writing into the volume failed (${code}). Fix: ${fix}`,
    );
  });

  it("is left alone where it is no error of the system's", () => {
    const bug = new TypeError("x");
    expect(writeError(bug)).toBe(bug);
  });
});
