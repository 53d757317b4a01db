import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, statfs, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type WritableFile, writeAtomically } from "../../src/deliver/atomic-writer.ts";
import { openTarget } from "../../src/deliver/target.ts";
import { ProviderError } from "../../src/errors.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "latchkey-deliver-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function file(path: string, text: string, mode = 0o644): WritableFile {
  return { path, mode, contents: Buffer.from(text) };
}

async function look(path: string): Promise<{ readonly text: string; readonly mode: number }> {
  return {
    text: await readFile(join(root, path), "utf8"),
    mode: (await lstat(join(root, "..data", path))).mode & 0o777,
  };
}

describe("atomic writer", () => {
  it("writes files with their modes behind one link, whatever the umask is", async () => {
    const umask = process.umask(0o077);
    try {
      expect(await writeAtomically(root, [file("a", "1", 0o440), file("db/user", "2", 0o777), file("empty", "")])).toBe(
        true,
      );
    } finally {
      process.umask(umask);
    }
    expect([await look("a"), await look("db/user"), await look("empty")]).toEqual([
      { text: "1", mode: 0o440 },
      { text: "2", mode: 0o777 },
      { text: "", mode: 0o644 },
    ]);
    expect((await lstat(join(root, "..data", "db"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(root, "db"))).toBe("..data/db");
    expect((await readdir(root)).filter((name) => !name.startsWith("..")).sort()).toEqual(["a", "db", "empty"]);
  });

  it("touches nothing where names, bytes and modes are equal", async () => {
    const files = [file("a", "1"), file("b/c", "2")];
    await writeAtomically(root, files);
    const before = [await readlink(join(root, "..data")), (await lstat(root)).mtimeMs];
    expect(await writeAtomically(root, files)).toBe(false);
    expect([await readlink(join(root, "..data")), (await lstat(root)).mtimeMs]).toEqual(before);
  });

  const changes: readonly [string, readonly WritableFile[]][] = [
    ["bytes", [file("a", "2"), file("b", "x")]],
    ["a mode", [file("a", "1", 0o600), file("b", "x")]],
    ["a name", [file("c", "1"), file("b", "x")]],
    ["one file fewer", [file("a", "1")]],
    ["a file that becomes a directory", [file("a/x", "1"), file("b", "x")]],
    ["no files at all", []],
  ];
  it.each(changes)("swaps everything when there is a change: %s", async (_, files) => {
    await writeAtomically(root, [file("a", "1"), file("b", "x")]);
    const before = await readlink(join(root, "..data"));
    expect(await writeAtomically(root, files)).toBe(true);
    expect(await readlink(join(root, "..data"))).not.toBe(before);
    for (const { path, contents } of files) expect(await readFile(join(root, path))).toEqual(contents);
    const names = [...new Set(files.map(({ path }) => path.split("/")[0] ?? ""))];
    expect((await readdir(root)).filter((name) => !name.startsWith("..")).sort()).toEqual(names.sort());
    expect((await readdir(root)).filter((name) => name.startsWith("..")).length).toBe(2);
  });

  it("cleans up what another provider or a killed process left", async () => {
    await writeFile(join(root, "a"), "plain file of another provider");
    await writeFile(join(root, "old"), "stale");
    await mkdir(join(root, "..2020_01_01.x"));
    await symlink("nowhere", join(root, "..data"));
    await symlink("nowhere", join(root, "..link_tmp"));
    await writeAtomically(root, [file("a", "1")]);
    expect(await readFile(join(root, "a"), "utf8")).toBe("1");
    await rm(join(root, "..data"));
    await mkdir(join(root, "..data/left"), { recursive: true });
    await writeAtomically(root, [file("a", "1")]);
    expect(await readFile(join(root, "a"), "utf8")).toBe("1");
    await rm(join(root, "..data"), { recursive: true });
    await writeFile(join(root, "..data"), "a file");
    await writeAtomically(root, [file("a", "1")]);
    expect(await readFile(join(root, "a"), "utf8")).toBe("1");
    expect((await readdir(root)).length).toBe(3);
  });

  it("never writes through a link that somebody left in the volume", async () => {
    const outside = join(root, "outside");
    const volume = join(root, "volume");
    await mkdir(outside);
    await mkdir(volume);
    await symlink(outside, join(volume, "db"));
    await symlink(outside, join(volume, "..data"));
    await writeAtomically(volume, [file("db/user", "1")]);
    expect(await readdir(outside)).toEqual([]);
    expect(await readFile(join(volume, "db/user"), "utf8")).toBe("1");
  });

  it("writes, knows and removes what lies deep, with few descriptors", async () => {
    const deep = `${"d/".repeat(300)}f`;
    const files = [file(deep, "1"), file("d/g", "2")];
    expect(await writeAtomically(root, files)).toBe(true);
    expect(await writeAtomically(root, files)).toBe(false);
    await mkdir(join(root, "..data", "d/d/d/added"));
    expect(await writeAtomically(root, files)).toBe(true);
    expect(await writeAtomically(root, [file("a", "1")])).toBe(true);
    expect((await readdir(root)).filter((name) => name !== "a" && name !== "..data").length).toBe(1);
  });

  it("waits for no pipe and reads no device that stands where a file was", async () => {
    const files = [file("a", "1")];
    await writeAtomically(root, files);
    await rm(join(root, "..data", "a"));
    await promisify(execFile)("mkfifo", ["-m", "644", join(root, "..data", "a")]);
    expect(await writeAtomically(root, files)).toBe(true);
    expect(await readFile(join(root, "a"), "utf8")).toBe("1");
  });

  it("removes no file that a link in the volume leads to", async () => {
    const volume = join(root, "volume");
    await mkdir(join(root, "outside/kept"), { recursive: true });
    await mkdir(join(volume, "..old/in"), { recursive: true });
    await symlink(join(root, "outside"), join(volume, "..old/in/link"));
    await symlink(join(root, "outside"), join(volume, "..link_tmp"));
    await writeAtomically(volume, [file("a", "1")]);
    expect(await readdir(join(root, "outside"))).toEqual(["kept"]);
    expect((await readdir(volume)).length).toBe(3);
  });

  it("keeps the old files and leaves nothing behind where writing fails midway", async () => {
    await writeAtomically(root, [file("a", "1")]);
    const before = await readdir(root);
    const failing = writeAtomically(root, [file("a", "2"), file("x".repeat(300), "3")]);
    await expect(failing).rejects.toMatchObject({ code: "ENAMETOOLONG" });
    expect(await readdir(root)).toEqual(before);
    expect(await readFile(join(root, "a"), "utf8")).toBe("1");
  });

  it("shows a reader all old or all new files while it swaps", async () => {
    const version = (text: string) => [file("a", text), file("b", text)];
    await writeAtomically(root, version("0"));
    let writing = true;
    const reader = (async () => {
      while (writing) {
        const data = join(root, await readlink(join(root, "..data")));
        const pair = await Promise.all(["a", "b"].map((name) => readFile(join(data, name), "utf8"))).catch(() => [
          "gone",
          "gone",
        ]);
        expect(pair[0]).toBe(pair[1]);
      }
    })();
    for (let round = 1; round <= 50; round += 1) await writeAtomically(root, version(String(round)));
    writing = false;
    await reader;
  });
});

describe("target path", () => {
  const uid = "0a1b-2c3d";
  const rules = () => ({ kubeletDir: root, allowDisk: true });

  async function volume(): Promise<string> {
    const path = join(root, "pods", uid, "volumes/kubernetes.io~csi/secrets/mount");
    await mkdir(path, { recursive: true });
    return path;
  }

  async function refusal(path: string, podUid = uid, allowDisk = true): Promise<string> {
    return await openTarget(path, podUid, { ...rules(), allowDisk }).then(
      async (target) => {
        await target.close();
        return "opened";
      },
      (error: unknown) => (error instanceof ProviderError ? `${error.id} ${error.message}` : String(error)),
    );
  }

  it("of this pod's volume is opened, and stays the same directory when its path is swapped", async () => {
    const path = await volume();
    const target = await openTarget(path, uid, rules());
    await rm(path, { recursive: true });
    const elsewhere = join(root, "elsewhere");
    await mkdir(elsewhere);
    await symlink(elsewhere, path);
    await writeAtomically(target.path, [file("a", "1")]).catch(() => undefined);
    await target.close();
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it("is refused where it is not this pod's volume", async () => {
    const path = await volume();
    const shape = `LK0007 not a volume of this pod below ${root}`;
    expect(await refusal(path, "9999")).toBe(shape);
    expect(await refusal(path, "")).toBe("LK0007 the request names no pod, so there is no volume to write to");
    expect(await refusal(path, "../x")).toBe("LK0007 the request names no pod, so there is no volume to write to");
    expect(await refusal(`${path}/../mount`)).toBe(shape);
    expect(await refusal(join(root, "pods", uid, "volumes/kubernetes.io~csi"))).toBe(shape);
    expect(await refusal(`${root}/pods/${uid}/volumes/kubernetes.io~csi/../mount`)).toBe(shape);
    expect(await refusal("/etc/mount")).toBe(shape);
  });

  it("is refused where a link is on the way or at its end", async () => {
    const path = await volume();
    const elsewhere = join(root, `e${randomBytes(4).toString("hex")}`);
    await mkdir(elsewhere);
    await rm(path, { recursive: true });
    await symlink(elsewhere, path);
    expect(await refusal(path)).toMatch(/^LK0007 the directory cannot be opened \((ELOOP|ENOTDIR)\)$/);
    await rm(join(root, "pods", uid, "volumes"), { recursive: true });
    await mkdir(join(elsewhere, "kubernetes.io~csi/secrets/mount"), { recursive: true });
    await symlink(elsewhere, join(root, "pods", uid, "volumes"));
    expect(await refusal(path)).toBe("LK0007 the path goes through a symbolic link");
  });

  it("is refused where it is missing, and on a disk", async () => {
    const path = await volume();
    expect(await refusal(path.replace("secrets", "other"))).toBe("LK0007 the directory cannot be opened (ENOENT)");
    // The temporary directory may itself be a tmpfs: then it is one of the two that is told.
    const told = await refusal(path, uid, false);
    const onTmpfs = (await statfs(path)).type === 0x01021994;
    expect(told).toBe(onTmpfs ? "opened" : "LK0007 the directory is not a tmpfs, so secrets would be written to disk");
  });
});
