import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Runs the demo without colours; gives the exit code, and each stream as lines without their indent. */
async function runDemo(...args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, "demo/demo.ts"), ...args], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  }
  const [code] = await once(child, "close");
  const lines = texts.stdout.split("\n").map((line) => line.trim());
  return { code, lines, stderr: texts.stderr };
}

const usage = `usage: npm run demo [-- --store file|openbao | --cluster]
Shows Latchkey's main job against an embedded store (file, the default) or a real OpenBao server.
With --cluster: on a real Kubernetes control plane with the real CSI driver (as root; needs Go).
`;

/** What the demo checks by itself, whatever the store is. */
const checked = [
  /^✓ latchkey \d+\.\d+\.\d+ answers Version: v1alpha1$/,
  /^✓ both volumes hold the same bytes, versions and modes$/,
  /^✓ nothing new in the store: the remount touches no file$/,
  /^✓ every other file has the bytes, version and mode it had$/,
  /^All as promised {2}in \d+\.\d s$/,
];

const stores: readonly [string, readonly string[], readonly RegExp[]][] = [
  [
    "the file store",
    [],
    [
      /^Latchkey demo, store: file$/,
      /password +-r-------- .+ 20 B .+ changed$/,
      /^✓ db\/password is new, its version went from \S+ to \S+$/,
      /the pod's event {2}INVALID_ARGUMENT$/,
      /^✓ every mistake in the SecretProviderClass is named at once, and the pod does not start without its files$/,
      /^total +0 +8$/,
    ],
  ],
  [
    "a real OpenBao",
    ["--store", "openbao"],
    [
      /^Latchkey demo, store: openbao$/,
      /db-password +-rw-r--r-- .+ 20 B .+ changed$/,
      /^✓ db-password is new, its version went from \S+ to \S+$/,
      /^--allow-address 127\.0\.0\.1 +for a SecretProviderClass may not name loopback by itself$/,
      /A SecretProviderClass that asks for a secret that is missing and one that is denied$/,
      /the pod's event {2}PERMISSION_DENIED$/,
      /^✓ the missing secret and the denied one are named at once, and the pod does not start without its files$/,
      /^total +1 +10$/,
      /^✓ the store's own audit log counts 10 reads as well$/,
    ],
  ],
];

describe("npm run demo", () => {
  it.each(stores)("tells its story with %s, and ends well", async (_, args, own) => {
    const { code, lines, stderr } = await runDemo(...args);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect([...checked, ...own].filter((line) => !lines.some((told) => line.test(told)))).toEqual([]);
  });

  it("shows the error that README.md quotes", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const quoted = /^3 problems:\n(?:\[\d\] .+\n)+/m.exec(readme)?.[0].trimEnd().split("\n") ?? [];
    expect(quoted.length).toBe(4);
    const { lines } = await runDemo();
    expect(quoted.filter((line) => !lines.includes(line))).toEqual([]);
  });

  it("says which stores it knows when it is asked for another, and fails", async () => {
    const { code, stderr } = await runDemo("--store", "nope");
    expect([code, stderr]).toEqual([2, `--store nope: give file or openbao\n${usage}`]);
  });

  it("says how it is used when it is asked, and when it is asked for what it does not know", async () => {
    const help = await runDemo("--help");
    expect([help.code, help.lines.join("\n"), help.stderr]).toEqual([0, usage, ""]);
    for (const args of [["--stroe", "file"], ["file"], ["--store"]]) {
      const { code, lines, stderr } = await runDemo(...args);
      expect([code, lines, stderr.split("\n").slice(1).join("\n")]).toEqual([2, [""], usage]);
    }
  });
});
