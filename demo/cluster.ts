import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Installed } from "../test/cluster/installed.ts";
import type { PodStatus } from "../test/cluster/kubelet.ts";
import { ensureClusterParts, ensureCsiDriver, kubernetesVersion } from "../test/cluster/programs.ts";
import { type Scene, shopPod, startScene } from "../test/cluster/scene.ts";
import { until } from "../test/cluster/until.ts";
import { putKv2 } from "../test/servers/openbao-setup.ts";
import { promise, promiseEqual } from "./check.ts";
import { builtBundle } from "./latchkey.ts";
import { paint, type Screen } from "./screen.ts";
import { short } from "./volume.ts";

interface Play {
  readonly screen: Screen;
  readonly scene: Scene;
  readonly latchkey: Installed;
}

function spc(address: string): string {
  return `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: { name: web, namespace: shop }
spec:
  provider: vault
  parameters:
    vaultAddress: "${address}"
    roleName: "shop"
    objects: |
      - objectName: "db-password"
        secretPath: "secret/data/db"
        secretKey: "password"
`;
}

/**
 * Shows the main job on a real control plane: kube-apiserver, etcd, kube-controller-manager, the CSI driver and OpenBao on
 * loopback, and the chart installed by Helm. Throws where a part is not as promised.
 */
export async function tellOnCluster(screen: Screen): Promise<void> {
  builtBundle();
  promise("the CSI driver mounts a tmpfs for each pod, so this demo has to run as root", process.getuid?.() === 0);
  screen.title("Latchkey demo, on a real Kubernetes control plane");
  const scene = await startParts(screen);
  try {
    screen.line();
    const latchkey = await screen.waiting("Latchkey, as the chart's DaemonSet runs it", () => scene.run());
    const play = { screen, scene, latchkey };
    await applyClass(play);
    await mountFirst(play);
    await rotate(play);
    await stopStore(play);
  } finally {
    await scene.stop();
  }
}

async function startParts(screen: Screen): Promise<Scene> {
  screen.part("The parts of a cluster, on loopback");
  screen.line(paint("dim", "   Made from source by Go on first use, in about eight minutes; kept in .cache/go."));
  await screen.waiting(`kube-apiserver ${kubernetesVersion}, etcd, kube-controller-manager`, ensureClusterParts);
  await screen.waiting("Secrets Store CSI driver 1.6.0", ensureCsiDriver);
  return await screen.waiting("all of it started, OpenBao too, the chart installed by Helm", () =>
    startScene({ providers: ["vault"], config: { refresh: "2s", staleAfter: "500ms" } }),
  );
}

async function applyClass({ screen, scene }: Play): Promise<void> {
  screen.part("A SecretProviderClass, applied by kubectl");
  const text = spc(scene.bao.address);
  screen.yaml(text);
  screen.line(`   ${(await scene.cluster.kubectl(["apply", "-f", "-"], text)).trim()}`);
}

const pod = (name: string) => shopPod(name, "web");

/** Publishes a pod's volume through the driver, as the kubelet does, and shows the file and the status object. */
async function publish({ screen, scene }: Play, name: string): Promise<{ text: string; version: string }> {
  const started = performance.now();
  const { target } = await scene.kubelet.publish(pod(name));
  const ms = Math.round(performance.now() - started);
  const text = await readFile(join(target, "db-password"), "utf8");
  const version = versionIn(await scene.kubelet.status(pod(name)));
  screen.line(`   ${paint("bold", `shop/${name}`)}  ${paint("dim", `mounted through the driver in ${ms} ms`)}`);
  screen.line(`   db-password  ${text.length} B  version ${short(version)} in its SecretProviderClassPodStatus`);
  return { text, version };
}

function versionIn(status: PodStatus | undefined): string {
  promise("the pod's status object says that its volume is mounted", status?.mounted === true, status);
  return status?.objects?.[0]?.version ?? "none";
}

async function mountFirst(play: Play): Promise<void> {
  const { screen, latchkey } = play;
  screen.part("A pod's token comes from TokenRequest, its files through the real driver");
  const { text } = await publish(play, "web-1");
  promiseEqual("the pod has the store's value", text, "p1");
  promiseEqual("the API server's keys prove the pod's token", (await latchkey.mountOf("web-1")).proved, true);
  screen.checked("the token is proved by the API server's own keys; OpenBao asked the API server, too");
}

async function rotate(play: Play): Promise<void> {
  const { screen, scene } = play;
  screen.part("The password is rotated, the kubelet asks again");
  const before = versionIn(await scene.kubelet.status(pod("web-1")));
  await putKv2(scene.bao, "db", { username: "shop", password: "second" });
  await screen.waiting("the value in the cache is older than --refresh", () => untilMounted(play, "second"));
  const { text, version } = await publish(play, "web-1");
  promiseEqual("the running pod has the new value", text, "second");
  promise("its status object has another version", version !== before, version);
  screen.checked(`the file is new, the version went from ${short(before)} to ${short(version)}`);
}

/** Has the kubelet ask again until a running pod has this password. Throws after twenty seconds. */
async function untilMounted({ scene }: Play, wanted: string): Promise<void> {
  const remount = async () => {
    const { target } = await scene.kubelet.publish(pod("web-1"));
    return await readFile(join(target, "db-password"), "utf8");
  };
  const last = await until(remount, (text) => text === wanted, 400);
  promiseEqual("the kubelet's next round brings the new value", last, wanted);
}

async function stopStore(play: Play): Promise<void> {
  const { screen, scene, latchkey } = play;
  screen.part("OpenBao is stopped, and a new pod starts");
  await scene.bao.stop();
  screen.line(`   ${paint("red", "■")} OpenBao is gone`);
  const { text } = await publish(play, "web-2");
  promiseEqual("the next pod of the account has the value", text, "second");
  promiseEqual("the log says how it was served", (await latchkey.mountOf("web-2")).result, "ok");
  screen.checked("the next pod of the same service account is served from the node's cache");
}
