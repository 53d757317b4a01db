import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putKv2 } from "../servers/openbao-setup.ts";
import { longestStart } from "./cluster.ts";
import type { Installed } from "./installed.ts";
import type { Kubelet } from "./kubelet.ts";
import { makeClass } from "./objects.ts";
import { makeVaultClass, type Scene, shopPod, startScene, vaultSpec } from "./scene.ts";
import { until } from "./until.ts";

let scene: Scene;
let kubelet: Kubelet;

beforeAll(async () => {
  scene = await startScene({ providers: ["vault"], config: { refresh: "0s" } });
  ({ kubelet } = scene);
}, longestStart);

afterAll(() => scene?.stop());

const read = (target: string) => readFile(join(target, "password"), "utf8");

describe.each(["driver", "provider"])("through the real driver, files delivered by the %s", (deliver) => {
  const name = (text: string) => `${text}-${deliver}`;
  let latchkey: Installed;

  beforeAll(async () => {
    await putKv2(scene.bao, "db", { username: "shop", password: "p1" });
    await makeVaultClass(scene, name("db"));
    latchkey = await scene.run({ settings: { deliver } });
  });

  afterAll(() => latchkey.stop());

  it("a pod gets its files, and its status says which versions", async () => {
    const web = shopPod(name("web-0"), name("db"));
    const { target } = await kubelet.publish(web);
    expect(await read(target)).toBe("p1");
    expect(await kubelet.status(web)).toMatchObject({
      ...{ mounted: true, secretProviderClassName: name("db") },
      objects: [{ id: "password", version: expect.stringMatching(/^[\w-]{43}=$/) }],
    });
  });

  it("a rotation reaches the running pod and its status", async () => {
    const web = shopPod(name("web-1"), name("db"));
    const { target } = await kubelet.publish(web);
    const before = await kubelet.status(web);
    await putKv2(scene.bao, "db", { username: "shop", password: "p2" });
    await kubelet.publish(web);
    expect(await read(target)).toBe("p2");
    const after = await until(
      () => kubelet.status(web),
      (status) => status?.objects?.[0]?.version !== before?.objects?.[0]?.version,
    );
    expect(after?.objects).toHaveLength(1);
    expect(after?.objects?.[0]?.version).not.toBe(before?.objects?.[0]?.version);
  });

  it("the driver makes the Secret that `secretObjects` names", async () => {
    const secretName = name("synced");
    const objects = "- { objectName: username, secretPath: secret/data/db, secretKey: username }";
    await makeClass(scene.cluster, "shop", name("objects"), {
      ...vaultSpec(scene, { objects }),
      secretObjects: [{ secretName, type: "Opaque", data: [{ objectName: "username", key: "user" }] }],
    });
    await kubelet.publish(shopPod(name("web-2"), name("objects")));
    const path = `/api/v1/namespaces/shop/secrets/${secretName}`;
    const secret = await until(
      () => scene.cluster.admin.get<{ data: Record<string, string> }>(path),
      (found) => found !== undefined,
    );
    expect(Buffer.from(secret?.data.user ?? "", "base64").toString()).toBe("shop");
  });

  it("a class that cannot be mounted fails the pod with Latchkey's own words, and leaves no volume", async () => {
    const objects = "- { objectName: password, secretPath: secret/data/absent, secretKey: password }";
    await makeVaultClass(scene, name("wrong"), { objects });
    const failed = kubelet.publish(shopPod(name("web-3"), name("wrong")));
    await expect(failed).rejects.toThrow(
      /failed to mount secrets store objects for pod shop\/web-3.*LK0034.*secret\/data\/absent/s,
    );
    expect(await kubelet.status(shopPod(name("web-3"), name("wrong")))).toBeUndefined();
  });

  it("a remount while the store is away leaves the pod its files", async () => {
    const web = shopPod(name("web-4"), name("db"));
    const { target } = await kubelet.publish(web);
    const before = [await readdir(target), await read(target)];
    await scene.bao.seal();
    try {
      await kubelet.publish(web);
    } finally {
      await scene.bao.unseal();
    }
    expect([await readdir(target), await read(target)]).toEqual(before);
  });

  it("a remount that fails leaves the pod its files and its status", async () => {
    const objects = "- { objectName: password, secretPath: secret/data/passing, secretKey: password }";
    await makeVaultClass(scene, name("passing"), { objects });
    await putKv2(scene.bao, "passing", { password: "p1" });
    const web = shopPod(name("web-5"), name("passing"));
    const { target } = await kubelet.publish(web);
    const before = [await readdir(target), await kubelet.status(web)];
    await putKv2(scene.bao, "passing", { other: "p1" });
    // The driver keeps the error of a remount to itself.
    await kubelet.publish(web);
    const last = await until(
      () => latchkey.mountOf(name("web-5")),
      ({ result }) => result !== "ok",
    );
    expect(last.result).toBe("LK0035");
    expect([await readdir(target), await kubelet.status(web)]).toEqual(before);
    expect(await read(target)).toBe("p1");
  });
});
