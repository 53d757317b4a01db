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

const usage = `usage: npm run demo [-- --store embedded|openbao | --cluster]
Shows Latchkey's main job: with a small server that speaks Vault's API (embedded, the
default), with a real OpenBao server, or on a real Kubernetes control plane with the real
CSI driver (--cluster; as root, needs Go).
`;

/** The promises that the demo checks by itself, whatever the store is. */
const checked = [
  /^✓ latchkey \d+\.\d+\.\d+ answers Version: v1alpha1$/,
  /^✓ all ten volumes hold the same bytes, versions and modes$/,
  /^✓ they cost the store 1 login, and 1 read of each of the 2 secrets$/,
  /^✓ nothing new in the store: the remount touches no file$/,
  /^✓ every other file has the bytes, version and mode it had$/,
  /^✓ the new pod is served from the node's cache, and the log says so: stale$/,
  /^✓ what was denied is gone: the next outage does not bring it back$/,
  /^✓ the pod does not start without its files$/,
  /^All as promised {2}in \d+\.\d s$/,
];

const stores: readonly [string, readonly string[], readonly RegExp[]][] = [
  [
    "the embedded store",
    [],
    [
      /password +-r-------- .+ 20 B .+ changed$/,
      /^✓ db\/password is new, its version went from \S+ to \S+$/,
      /^✓ the store itself has counted 2 reads$/,
      /the pod's event {2}INVALID_ARGUMENT$/,
      /^✓ every mistake in the SecretProviderClass is named at once$/,
    ],
  ],
  [
    "a real OpenBao",
    ["--store", "openbao"],
    [
      /db-password +-rw-r--r-- .+ 20 B .+ changed$/,
      /^✓ db-password is new, its version went from \S+ to \S+$/,
      /^✓ OpenBao itself has counted 2 reads$/,
      /A SecretProviderClass that names a missing secret and a denied one$/,
      /the pod's event {2}PERMISSION_DENIED$/,
      /^✓ the missing secret and the denied one are named at once$/,
    ],
  ],
];

describe("npm run demo", () => {
  it.each(stores)("tells its story with %s, and ends well", async (_, args, own) => {
    const { code, lines, stderr } = await runDemo(...args);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect([...checked, ...own].filter((line) => !lines.some((told) => line.test(told)))).toEqual([]);
    // The indent of the screen is taken off.
    expect(lines.filter((line) => line.length > 78)).toEqual([]);
  });

  it("shows the main job on a real control plane", async () => {
    const { code, lines, stderr } = await runDemo("--cluster");
    expect([code, stderr]).toEqual([0, ""]);
    const told = [
      /^secretproviderclass\.secrets-store\.csi\.x-k8s\.io\/web created$/,
      /^✓ the token is proved by the API server's own keys; OpenBao asked the API server, too$/,
      /^✓ the file is new, the version went from \S+ to \S+$/,
      /^✓ the next pod of the same service account is served from the node's cache$/,
      /^All as promised {2}in \d+\.\d s$/,
    ];
    expect(told.filter((line) => !lines.some((each) => line.test(each)))).toEqual([]);
  }, 120_000);

  it("shows the error that docs/tour.md quotes", async () => {
    const tour = await readFile(join(root, "docs/tour.md"), "utf8");
    const quoted = /^3 problems:\n(?:\[\d\] .+\n)+/m.exec(tour)?.[0].trimEnd().split("\n") ?? [];
    expect(quoted.length).toBe(4);
    const { lines } = await runDemo();
    const shown = lines.join(" ").replace(/ +/g, " ");
    expect(quoted.filter((line) => !shown.includes(line))).toEqual([]);
  });

  it("says which stores it knows when it is asked for another, and fails", async () => {
    const { code, stderr } = await runDemo("--store", "nope");
    expect([code, stderr]).toEqual([2, `--store nope: give embedded or openbao\n${usage}`]);
  });

  it("says how it is used when it is asked, and when it is asked for what it does not know", async () => {
    const help = await runDemo("--help");
    expect([help.code, help.lines.join("\n"), help.stderr]).toEqual([0, usage, ""]);
    for (const args of [["--stroe", "embedded"], ["embedded"], ["--store"], ["--store", "openbao", "--cluster"]]) {
      const { code, lines, stderr } = await runDemo(...args);
      expect([code, lines, stderr.split("\n").slice(1).join("\n")]).toEqual([2, [""], usage]);
    }
  });
});
