import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../cli/run.ts";
import { putKv2 } from "../servers/openbao-setup.ts";
import { longestStart } from "./cluster.ts";
import type { Installed } from "./installed.ts";
import { makeVaultClass, type Scene, shopPod, startScene } from "./scene.ts";
import { until } from "./until.ts";

let scene: Scene;
let latchkey: Installed;

beforeAll(async () => {
  scene = await startScene({ providers: ["vault"], config: { refresh: "0s" } });
  await putKv2(scene.bao, "db", { username: "shop", password: "p1" });
  await makeVaultClass(scene, "db");
  latchkey = await scene.run({});
}, longestStart);

afterAll(async () => {
  await latchkey?.stop();
  await scene?.stop();
});

const list = () =>
  scene.cluster.kubectl([
    ...["get", "secretproviderclasspodstatuses", "--all-namespaces"],
    ...["--output=json", "--show-managed-fields"],
  ]);

/** What the program says of the statuses that the real driver wrote, once a pod has this many versions before it. */
async function told(before: string) {
  const { stdout, stderr } = await run(["rotation", "-", "--before", before, "--format", "json"], {
    input: await list(),
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("the statuses that the real driver writes", () => {
  it("tell who is behind, and since when, and when an old credential is used no more", async () => {
    const pods = ["web-0", "web-1", "web-2"].map((name) => shopPod(name, "db"));
    for (const pod of pods) await scene.kubelet.publish(pod);
    await until(list, (text) => pods.every(({ name }) => text.includes(`"podName": "${name}"`)));
    const before = join(scene.cluster.directory, "before.json");
    await writeFile(before, await list());
    expect(await told(before)).toMatchObject({ statuses: 3, safeToRetire: false });

    await putKv2(scene.bao, "db", { username: "shop", password: "p2" });
    const [first, ...others] = pods;
    if (first === undefined) throw new Error("no pod");
    const old = await scene.kubelet.status(first);
    await scene.kubelet.publish(first);
    await until(
      () => scene.kubelet.status(first),
      (status) => status?.objects?.[0]?.version !== old?.objects?.[0]?.version,
    );
    const [half] = (await told(before)).objects;
    expect(half).toMatchObject({ object: "password", pods: 3, safeToRetire: false, because: "old-version" });
    expect(half.behind.map(({ pod }: { readonly pod: string }) => pod)).toEqual(["web-1", "web-2"]);
    expect(half.versions[0]).toMatchObject({ pods: 1, newest: true, from: half.behind[0].since });
    expect(Date.parse(half.behind[0].since)).not.toBeNaN();

    for (const pod of others) await scene.kubelet.publish(pod);
    const all = await until(
      () => told(before),
      ({ safeToRetire }) => safeToRetire === true,
    );
    expect(all.objects).toMatchObject([{ pods: 3, behind: [], versions: [{ pods: 3 }] }]);
  });
});
