import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDriver, type Driver, type PublishOptions } from "../driver.ts";
import { type FakeProvider, failure, startFakeProvider } from "./fake-provider.ts";

const POD = { name: "web-1", namespace: "shop", uid: "8c1f", serviceAccount: "web" };
let provider: FakeProvider;
let driver: Driver;
let options: PublishOptions;

function answer(files: Record<string, string>, version = "1") {
  return {
    object_version: Object.keys(files).map((id) => ({ id, version })),
    files: Object.entries(files).map(([path, text]) => ({ path, mode: 0o440, contents: Buffer.from(text) })),
  };
}

beforeEach(async () => {
  provider = await startFakeProvider(() => answer({ user: "shop" }));
  driver = createDriver({ socketDir: provider.socketDir });
  const targetRoot = await mkdtemp(join(tmpdir(), "latchkey-kubelet-"));
  options = { provider: "fake", parameters: {}, pod: POD, targetRoot };
});

afterEach(async () => {
  driver.close();
  await provider.stop();
  await rm(options.targetRoot, { recursive: true, force: true });
});

describe("the driver", () => {
  test("asks for the version and sends localhost as the authority", async () => {
    expect(await driver.version("fake")).toEqual({
      version: "v1alpha1",
      runtime_name: "fake",
      runtime_version: "0.0.1",
    });
    await driver.publish(options);
    expect(provider.calls.map(({ authority }) => authority)).toEqual(["localhost"]);
  });

  test("lets volume attributes win over parameters, and the kubelet win over both", async () => {
    const forged = { "csi.storage.k8s.io/pod.namespace": "kube-system", __proto__x: "<b>" };
    await driver.publish({ ...options, parameters: { a: "spc", b: "spc" }, volumeAttributes: { b: "pod", ...forged } });
    const [call] = provider.calls;
    expect(call?.request.attributes).toBe(
      '{"__proto__x":"\\u003cb\\u003e","a":"spc","b":"pod","csi.storage.k8s.io/ephemeral":"true",' +
        '"csi.storage.k8s.io/pod.name":"web-1","csi.storage.k8s.io/pod.namespace":"shop",' +
        '"csi.storage.k8s.io/pod.uid":"8c1f","csi.storage.k8s.io/serviceAccount.name":"web",' +
        '"secretProviderClass":"secrets"}',
    );
    expect(call?.request).toMatchObject({ secrets: "null", permission: "420", current_object_version: [] });
    expect(call?.request.target_path).toBe(
      join(options.targetRoot, "pods/8c1f/volumes/kubernetes.io~csi/secrets/mount"),
    );
  });

  test("sends tokens in the attributes or in the secrets, as the CSIDriver says", async () => {
    const tokens = { vault: { token: "t", expirationTimestamp: "2030-01-01T00:00:00Z" } };
    const key = "csi.storage.k8s.io/serviceAccount.tokens";
    await driver.publish({ ...options, tokens });
    await driver.publish({ ...options, tokens, tokensIn: "secrets", secrets: { user: "u" } });
    const [first, second] = provider.calls.map(({ request }) => request);
    expect(JSON.parse(JSON.parse(first?.attributes ?? "")[key])).toEqual(tokens);
    expect(first?.secrets).toBe("null");
    expect(JSON.parse(second?.attributes ?? "")).not.toHaveProperty([key]);
    expect(JSON.parse(second?.secrets ?? "")).toEqual({ [key]: JSON.stringify(tokens), user: "u" });
  });

  test("writes files through the ..data link and reports their versions", async () => {
    provider.answerWith(() => answer({ "db/user": "shop", top: "x" }));
    const { target, podStatus, changed, writtenBy } = await driver.publish(options);
    expect((await readdir(target)).filter((name) => !name.startsWith(".."))).toEqual(["db", "top"]);
    expect(await readlink(join(target, "db"))).toBe("..data/db");
    expect(await readFile(join(target, "db/user"), "utf8")).toBe("shop");
    expect((await stat(join(target, "db/user"))).mode & 0o777).toBe(0o440);
    expect({ changed, writtenBy }).toEqual({ changed: true, writtenBy: "driver" });
    expect(podStatus.status.objects).toEqual([
      { id: "db/user", version: "1" },
      { id: "top", version: "1" },
    ]);
  });

  test("touches nothing when names and bytes are equal, whatever the mode", async () => {
    const { target } = await driver.publish(options);
    const before = await lstat(join(target, "..data"), { bigint: true });
    const file = await stat(join(target, "user"), { bigint: true });
    const [only] = answer({ user: "shop" }).files;
    provider.answerWith(() => ({
      ...answer({ user: "shop" }, "2"),
      files: only === undefined ? [] : [{ ...only, mode: 0o600 }],
    }));
    const again = await driver.publish(options);
    expect(again).toMatchObject({ remount: true, changed: false });
    expect(again.podStatus.status.objects).toEqual([{ id: "user", version: "2" }]);
    const after = await lstat(join(target, "..data"), { bigint: true });
    const same = await stat(join(target, "user"), { bigint: true });
    expect([after.ino, after.mtimeNs, same.ino, same.mtimeNs, same.mode]).toEqual([
      before.ino,
      before.mtimeNs,
      file.ino,
      file.mtimeNs,
      file.mode,
    ]);
  });

  test("removes files that are no longer listed", async () => {
    provider.answerWith(() => answer({ a: "1", "b/c": "2", "b/d": "3" }));
    const { target } = await driver.publish(options);
    provider.answerWith(() => answer({ "b/d": "3" }));
    expect((await driver.publish(options)).changed).toBe(true);
    const names = await readdir(target);
    expect(names.filter((name) => !name.startsWith(".."))).toEqual(["b"]);
    expect(names.filter((name) => name.startsWith("..20"))).toHaveLength(1);
    expect(await readdir(join(target, "b"))).toEqual(["d"]);
  });

  test("leaves the volume to the provider when no files are listed", async () => {
    provider.answerWith(() => ({ object_version: [{ id: "a", version: "1" }] }));
    const published = await driver.publish(options);
    expect(published).toMatchObject({ writtenBy: "provider", changed: false });
    expect(await readdir(published.target)).toEqual([]);
  });

  test("collapses versions of equal id, the last wins", async () => {
    const twice = ["1", "2"].map((version) => ({ id: "user", version }));
    provider.answerWith(() => ({ ...answer({ user: "x" }), object_version: twice }));
    expect((await driver.publish(options)).podStatus.status.objects).toEqual([{ id: "user", version: "2" }]);
  });

  test("fails a first mount with the provider's code and message and leaves no volume", async () => {
    provider.answerWith(() => {
      throw failure(status.PERMISSION_DENIED, "not yours");
    });
    const rejected = expect(driver.publish(options)).rejects;
    await rejected.toMatchObject({ code: "PERMISSION_DENIED", message: "not yours", uncertain: false });
    expect(await readdir(join(options.targetRoot, "pods/8c1f/volumes/kubernetes.io~csi/secrets"))).toEqual([]);
  });

  test("masks the error of a remount and keeps files and versions", async () => {
    const first = await driver.publish(options);
    provider.answerWith(() => {
      throw failure(status.INTERNAL, "broken");
    });
    const again = await driver.publish(options);
    expect(again).toMatchObject({ remount: true, changed: false, masked: { code: "INTERNAL", message: "broken" } });
    expect(again.podStatus).toEqual(first.podStatus);
    expect(await readFile(join(first.target, "user"), "utf8")).toBe("shop");
  });

  test("says when a code can start the pod with an empty volume", async () => {
    provider.answerWith(() => {
      throw failure(status.ABORTED, "again");
    });
    await expect(driver.publish(options)).rejects.toMatchObject({ code: "ABORTED", uncertain: true });
    provider.answerWith(() => ({ files: [{ path: "big", mode: 0, contents: Buffer.alloc(4 * 1024 * 1024) }] }));
    await expect(driver.publish(options)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED", uncertain: true });
  });

  test("retries on UNAVAILABLE, three times in all, and on nothing else", async () => {
    provider.answerWith(() => {
      throw failure(status.UNAVAILABLE, "later");
    });
    await expect(driver.publish(options)).rejects.toMatchObject({ code: "UNAVAILABLE", uncertain: true });
    expect(provider.calls).toHaveLength(3);
    provider.answerWith(() => {
      throw failure(status.FAILED_PRECONDITION, "no");
    });
    await expect(driver.publish(options)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(provider.calls).toHaveLength(4);
  });

  test("refuses an answer without versions, and loses the message behind an error code", async () => {
    provider.answerWith(() => ({ ...answer({ user: "x" }), object_version: [] }));
    await expect(driver.publish(options)).rejects.toThrow("missing object versions");
    provider.answerWith(() => ({ ...answer({ user: "x" }), error: { code: "Broken" } }));
    await expect(driver.publish(options)).rejects.toThrow("mount request failed with provider error code Broken");
  });

  test("sends any bytes and any text when it is told to", async () => {
    const notUtf8 = Buffer.from([0x0a, 0x01, 0xff]);
    await driver.mountBytes("fake", notUtf8);
    await driver.mount("fake", { attributes: "{" });
    expect(provider.calls.map(({ request }) => request.attributes)).toEqual(["\uFFFD", "{"]);
  });
});
