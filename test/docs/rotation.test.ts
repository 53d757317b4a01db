import { watch } from "node:fs";
import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startNode, type TestNode } from "../e2e/node.ts";

let node: TestNode | undefined;
let directory: string | undefined;

afterEach(async () => {
  await node?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

const request = {
  provider: "latchkey",
  parameters: {
    stores: "files: { profile: files }",
    secrets: "- { store: files, name: password, files: [{ path: db/password }] }",
  },
};

/** The names that a watch of the volume's directory tells, until it tells of `..data`. */
function namesUntilData(target: string): Promise<readonly (string | null)[]> {
  const { promise, resolve } = Promise.withResolvers<readonly (string | null)[]>();
  const names: (string | null)[] = [];
  const watcher = watch(target, (_, name) => {
    names.push(name);
    if (name !== "..data") return;
    watcher.close();
    resolve(names);
  });
  return promise;
}

/** How often a watch tells of `..data` before it tells of a file that is written after the rotation. */
async function timesTold(target: string, rotate: () => Promise<unknown>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let times = 0;
  const watcher = watch(target, (_, name) => {
    if (name === "..data") times += 1;
    if (name !== "marker") return;
    watcher.close();
    resolve(times);
  });
  await rotate();
  await writeFile(join(target, "marker"), "");
  return await promise;
}

describe("a rotation of a mounted volume", () => {
  it("is one event of ..data, as configmap-reload counts them", async () => {
    const files = await mkdtemp(join(tmpdir(), "lk-rotation-"));
    directory = files;
    await mkdir(join(files, "shop"));
    await writeFile(join(files, "shop/password"), "0");
    node = await startNode({
      config: `profiles: { files: { kind: file, directory: "${files}/{namespace}" } }`,
      flags: { deliver: "provider", allowDiskTarget: "true" },
    });
    const running = node;
    const { target } = await running.publish(request);
    for (let version = 1; version <= 5; version += 1) {
      const times = await timesTold(target, async () => {
        await writeFile(join(files, "shop/password"), String(version));
        await running.publish(request);
        await running.publish(request);
      });
      expect(times).toBe(1);
    }
  });

  it.each(["driver", "provider"])("is told by a watch of its directory, delivered by the %s", async (deliver) => {
    const files = await mkdtemp(join(tmpdir(), "lk-rotation-"));
    directory = files;
    await mkdir(join(files, "shop"));
    await writeFile(join(files, "shop/password"), "old");
    node = await startNode({
      config: `profiles: { files: { kind: file, directory: "${files}/{namespace}" } }`,
      flags: { deliver, allowDiskTarget: "true" },
    });
    const { target } = await node.publish(request);
    const before = await readlink(join(target, "..data"));
    const told = namesUntilData(target);
    await writeFile(join(files, "shop/password"), "new");
    await node.publish(request);
    expect(await told).toContain("..data");
    expect(await readlink(join(target, "..data"))).not.toBe(before);
    expect(await readlink(join(target, "db"))).toBe("..data/db");
    expect(await readFile(join(target, "db/password"), "utf8")).toBe("new");
  });
});
