import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type WritableFile, writeAtomically } from "../../src/deliver/atomic-writer.ts";
import { openTarget } from "../../src/deliver/target.ts";
import { scaled } from "../scale.ts";
import { type Child, startChild } from "../servers/child.ts";
import { ensureVenv } from "../servers/venv.ts";

const rounds = scaled(500, 50);
const uid = "0a1b-2c3d";

let root: string;
let volume: string;
let outside: string;
let racer: Child | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "latchkey-race-"));
  volume = join(root, "pods", uid, "volumes/kubernetes.io~csi/secrets/mount");
  outside = join(root, "outside");
  await mkdir(volume, { recursive: true });
  await mkdir(join(outside, "db"), { recursive: true });
  await writeFile(join(outside, "kept"), "kept");
  await writeFile(join(outside, "db/kept"), "kept");
  await chmod(join(outside, "db"), 0o711);
  const { python } = await ensureVenv();
  const script = fileURLToPath(new URL("racing-writer.py", import.meta.url));
  const args = [script, volume, outside];
  racer = await startChild({ name: "racing writer", command: python, args, ready: /racing/ });
});

afterEach(async () => {
  await racer?.stop();
  await rm(root, { recursive: true, force: true });
});

function files(round: number): readonly WritableFile[] {
  return ["a", "db/user", "db/inner/password"].map((path) => ({
    path,
    mode: 0o644,
    contents: Buffer.from(`${round}`),
  }));
}

/** Everything below a directory with its mode, and the bytes of files. */
async function everything(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory, { recursive: true })).sort();
  return await Promise.all(
    names.map(async (name) => {
      const stat = await lstat(join(directory, name));
      const bytes = stat.isFile() ? await readFile(join(directory, name), "utf8") : "";
      return `${name} ${(stat.mode & 0o777).toString(8)} ${bytes}`;
    }),
  );
}

describe("a writer in the volume that swaps directories for links", () => {
  it("has nothing written, changed or removed outside", { timeout: 240_000 }, async () => {
    const before = await everything(outside);
    let written = 0;
    for (let round = 0; round < rounds; round += 1) {
      const target = await openTarget(volume, uid, { kubeletDir: root, allowDisk: true });
      try {
        await writeAtomically(target.path, files(round));
        written += 1;
      } catch (thrown) {
        // What it spoils is its own volume.
        expect(thrown).toHaveProperty("code", expect.stringMatching(/^E[A-Z]+$/));
      } finally {
        await target.close();
      }
      expect(await everything(outside)).toEqual(before);
    }
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(rounds);
  });
});
