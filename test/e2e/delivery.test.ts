import { lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targetPath } from "../driver/request.ts";
import { startNode, type TestNode } from "./node.ts";

const config = (directory: string) =>
  `profiles: { demo: { kind: file, directory: "${directory}/secrets/{namespace}" } }`;
const parameters = {
  stores: "files: { profile: demo }",
  secrets:
    "- { store: files, name: db.json, files: [{ path: db/user, key: user, mode: '0440' }, { path: db/password, key: password }] }",
};

async function fill(node: TestNode, password: string): Promise<void> {
  const directory = join(node.directory, "secrets/shop");
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "db.json"), JSON.stringify({ user: "svc", password }));
}

describe("--deliver driver", () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startNode({ config });
    await fill(node, "1");
  });

  afterAll(() => node?.stop());

  it("changes only what was rotated, and nothing where nothing was", async () => {
    const request = { provider: "latchkey", parameters };
    const first = await node.publish(request);
    const idle = await node.publish(request);
    await fill(node, "2");
    const rotated = await node.publish(request);
    expect([first.writtenBy, idle.changed, rotated.changed]).toEqual(["driver", false, true]);
    expect(idle.podStatus).toEqual(first.podStatus);
    const differing = rotated.podStatus.status.objects.filter(
      ({ version }, index) => version !== first.podStatus.status.objects[index]?.version,
    );
    expect(differing.map(({ id }) => id)).toEqual(["db/password"]);
    expect(await readFile(join(rotated.target, "db/password"), "utf8")).toBe("2");
  });

  it("serves 110 pods of ten objects at once without an error", async () => {
    const directory = join(node.directory, "secrets/shop");
    const names = Array.from({ length: 10 }, (_, index) => `storm-${index}`);
    await Promise.all(names.map((name) => writeFile(join(directory, name), name)));
    const secrets = names.map((name) => `- { store: files, name: ${name}, files: [{ path: ${name} }] }`).join("\n");
    const pods = Array.from({ length: 110 }, (_, index) => ({ name: `pod-${index}`, uid: `uid-${index}` }));
    const volumes = await Promise.all(
      pods.map((pod) =>
        node.publish({ provider: "latchkey", parameters: { ...parameters, secrets }, pod, audiences: ["vault"] }),
      ),
    );
    for (const { target, podStatus } of volumes) {
      expect(podStatus.status.objects.length).toBe(10);
      expect(await readFile(join(target, "storm-7"), "utf8")).toBe("storm-7");
    }
    expect(new Set(volumes.map(({ podStatus }) => JSON.stringify(podStatus.status.objects))).size).toBe(1);
  });

  /** The names that the pod sees in its volume, and the mode of the first file. */
  async function seen(target: string) {
    const names = (await readdir(target)).filter((name) => !name.startsWith("..")).sort();
    return { names, mode: (await lstat(join(target, "..data", names[0] ?? ""))).mode & 0o777 };
  }

  const only = (how: string) => `- { store: files, name: gone.json, ${how} }`;
  const emptied: readonly [what: string, first: string, then: string, content: string | undefined][] = [
    ["an optional secret is deleted", only("optional: true, files: [{ path: f, key: a }]"), "", undefined],
    ["an optional key is taken away", only("optional: true, files: [{ path: f, key: a }]"), "", "{}"],
    ["a secret that is expanded has no keys any more", only("expand: { path: x/ }"), "", "{}"],
    [
      "a search finds nothing any more",
      "- { store: files, find: { prefix: gone }, expand: {}, optional: true }",
      "",
      undefined,
    ],
    ["its class is edited to []", only("files: [{ path: f, key: a }]"), "[]", '{"a":"1"}'],
  ];
  it.each(emptied)("shows no file any more when %s", async (what, secrets, edited, content) => {
    const path = join(node.directory, "secrets/shop/gone.json");
    const request = (list: string) => ({
      provider: "latchkey",
      parameters: { ...parameters, secrets: list },
      volume: what.replaceAll(/\W/g, "-"),
    });
    await writeFile(path, '{"a":"1"}');
    const first = await node.publish(request(secrets));
    expect((await seen(first.target)).names.length).toBe(1);
    if (content === undefined) await rm(path);
    else await writeFile(path, content);
    const before = node.log.length;
    const { target, podStatus, remount } = await node.publish(request(edited || secrets));
    expect([remount, await seen(target)]).toEqual([true, { names: [".latchkey-empty"], mode: 0o444 }]);
    expect(podStatus.status.objects).toEqual([{ id: "latchkey", version: "empty" }]);
    const warnings = node.log.slice(before).filter(({ level }) => level === "warn");
    expect(warnings.map(({ msg }) => msg)).toEqual(
      edited === "" ? ["the volume has no files: all of its secrets are absent or empty"] : [],
    );
    await writeFile(path, '{"a":"2"}');
    const again = await node.publish(request(secrets));
    expect((await seen(again.target)).names).toEqual((await seen(first.target)).names);
    expect((await seen(again.target)).names).not.toContain(".latchkey-empty");
  });

  it("gives a namespace its own directory of the file store", async () => {
    const error = await node.publishError({
      provider: "latchkey",
      parameters,
      pod: { namespace: "other" },
      volume: "other",
    });
    expect([error.code, error.message.slice(0, 6)]).toEqual(["NOT_FOUND", "LK0034"]);
  });
});

describe("--deliver provider", () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startNode({ config, flags: { deliver: "provider", allowDiskTarget: "true" } });
    await fill(node, "1");
  });

  afterAll(() => node?.stop());

  it("writes the volume itself and answers with versions only", async () => {
    const request = { provider: "latchkey", parameters };
    const { target, writtenBy, podStatus } = await node.publish(request);
    expect([writtenBy, podStatus.status.objects.length]).toEqual(["provider", 2]);
    expect(await readFile(join(target, "db/password"), "utf8")).toBe("1");
    expect((await lstat(join(target, "..data/db/user"))).mode & 0o777).toBe(0o440);
    const data = await readlink(join(target, "..data"));
    await node.publish(request);
    expect(await readlink(join(target, "..data"))).toBe(data);
    await fill(node, "2");
    await node.publish(request);
    expect(await readFile(join(target, "db/password"), "utf8")).toBe("2");
  });

  it("never leaves a volume without its files when mounts of it overlap", async () => {
    const secrets = (name: string) => `- { store: files, name: db.json, files: [{ path: ${name}, key: user }] }`;
    for (let round = 0; round < 20; round += 1) {
      const volume = `overlap-${round}`;
      const mounts = ["a", "b", "a", "b"].map((name) =>
        node.publish({ provider: "latchkey", parameters: { ...parameters, secrets: secrets(name) }, volume }),
      );
      const [{ target } = { target: "" }] = await Promise.all(mounts);
      const [name = "", ...others] = (await readdir(target)).filter((entry) => !entry.startsWith(".."));
      expect(others).toEqual([]);
      expect(await readFile(join(target, name), "utf8")).toBe("svc");
    }
  });

  it("empties the volume of an SPC that lists nothing any more", async () => {
    const volume = "emptied";
    await node.publish({ provider: "latchkey", parameters, volume });
    const { target } = await node.publish({
      provider: "latchkey",
      parameters: { ...parameters, secrets: "[]" },
      volume,
    });
    expect((await readdir(target)).filter((name) => !name.startsWith(".."))).toEqual([]);
  });

  it("refuses a target that is another pod's, and one behind a link", async () => {
    const pod = { name: "web-0", namespace: "shop", uid: "0000-0009", serviceAccount: "payments" };
    const own = targetPath({ provider: "latchkey", parameters, pod, targetRoot: node.kubeletDir });
    const attributes = JSON.stringify({
      ...parameters,
      "csi.storage.k8s.io/pod.name": pod.name,
      "csi.storage.k8s.io/pod.namespace": pod.namespace,
      "csi.storage.k8s.io/pod.uid": pod.uid,
      "csi.storage.k8s.io/serviceAccount.name": pod.serviceAccount,
    });
    const refusal = async (path: string) =>
      await node.driver.mount("latchkey", { attributes, secrets: "null", permission: "420", target_path: path }).then(
        () => "mounted",
        (error: { code: number; details: string }) => `${error.code} ${error.details.split(":")[0]}`,
      );
    expect(await refusal(own.replace(pod.uid, "0000-0001"))).toBe("3 LK0007 target_path");
    expect(await refusal("/etc")).toBe("3 LK0007 target_path");
    const elsewhere = join(node.directory, "elsewhere");
    await mkdir(elsewhere);
    await mkdir(join(own, ".."), { recursive: true });
    await symlink(elsewhere, own);
    expect(await refusal(own)).toBe("3 LK0007 target_path");
    expect(await readdir(elsewhere)).toEqual([]);
  });
});
