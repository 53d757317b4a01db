import { join } from "node:path";
import { parse } from "yaml";
import { createDriver, type Driver, PublishError, type Published, type PublishOptions } from "../test/driver.ts";
import type { TokenIssuer } from "../test/tokens.ts";
import { promise, promiseEqual } from "./check.ts";
import type { Latchkey } from "./latchkey.ts";
import { paint, type Screen } from "./screen.ts";
import type { DemoStore } from "./store.ts";
import { look, type SeenFile, short, tree } from "./volume.ts";

/** Everything that the parts of the demo work with. */
export interface Stage {
  readonly screen: Screen;
  readonly store: DemoStore;
  readonly latchkey: Latchkey;
  readonly issuer: TokenIssuer;
  readonly directory: string;
}

interface Play extends Stage {
  readonly driver: Driver;
}

const PODS = ["web-6d4f-1", "web-6d4f-2"] as const;

/** Plays the life of a volume from the first mount to a mistake, and checks each part. */
export async function tell(stage: Stage): Promise<void> {
  const driver = createDriver({ socketDir: stage.latchkey.socketDir });
  try {
    const play = { ...stage, driver };
    await showServing(play);
    showSpc(play);
    const first = await mountTwice(play);
    await rotate(play, first);
    await makeMistake(play);
    await countCalls(play);
  } finally {
    driver.close();
  }
}

async function showServing({ screen, driver, store, latchkey }: Play): Promise<void> {
  screen.part("Latchkey serves the driver's protocol on a Unix socket");
  const { version, runtime_name, runtime_version } = await driver.version(store.provider);
  promiseEqual("Version answers the protocol's version", version, "v1alpha1");
  screen.line(`   ${join(latchkey.socketDir, `${store.provider}.sock`)}`);
  screen.checked(`${runtime_name} ${runtime_version} answers Version: ${version}`);
}

function showSpc({ screen, store }: Play): void {
  screen.part("A SecretProviderClass says what a pod gets");
  screen.yaml(store.spc);
  for (const note of store.notes) screen.line(`   ${paint("dim", note)}`);
}

async function publishOptions(play: Play, pod: string, spc = play.store.spc): Promise<PublishOptions> {
  const { issuer, store, directory } = play;
  const uid = `demo-${pod}`;
  const who = { namespace: "shop", serviceAccount: "web", podName: pod, podUid: uid };
  const { spec } = parse(spc) as { spec: { parameters: Record<string, string> } };
  return {
    provider: store.provider,
    parameters: spec.parameters,
    secretProviderClass: "web",
    pod: { name: pod, namespace: "shop", uid, serviceAccount: "web" },
    tokens: await issuer.tokens(who, [store.audience]),
    targetRoot: join(directory, "kubelet"),
    timeoutMs: 10_000,
  };
}

async function publish(play: Play, pod: string): Promise<{ published: Published; ms: number }> {
  const options = await publishOptions(play, pod);
  const started = performance.now();
  const published = await play.driver.publish(options);
  promise(`pod ${pod} is mounted`, published.masked === undefined, published.masked?.message);
  return { published, ms: Math.round(performance.now() - started) };
}

async function mountTwice(play: Play): Promise<readonly SeenFile[]> {
  const { screen, store } = play;
  screen.part("Two pods of one service account mount it");
  const seen: (readonly SeenFile[])[] = [];
  for (const pod of PODS) {
    const { published, ms } = await publish(play, pod);
    const files = await look(published);
    seen.push(files);
    screen.line(`   ${paint("bold", pod)}  ${paint("dim", `shop/web, mounted in ${ms} ms`)}`);
    for (const row of tree(files)) screen.line(`   ${row}`);
    screen.line();
  }
  const [one = [], two = []] = seen;
  promiseEqual(
    "the volume holds exactly the files of the SecretProviderClass, with their modes",
    modes(one),
    store.files,
  );
  promiseEqual("both pods see the same bytes and versions", contents(one), contents(two));
  screen.checked("both volumes hold the same bytes, versions and modes");
  return one;
}

const modes = (files: readonly SeenFile[]) => files.map(({ path, mode }) => [path, mode]);
const contents = (files: readonly SeenFile[]) => files.map(({ path, digest, version }) => [path, digest, version]);

async function rotate(play: Play, before: readonly SeenFile[]): Promise<void> {
  const { screen, store } = play;
  screen.part("A secret is rotated, the kubelet asks again");
  const idle = await publish(play, PODS[0]);
  const untouched = await look(idle.published);
  promise("a remount without news writes nothing", !idle.published.changed);
  promiseEqual("a remount without news touches no file", untouched, before);
  screen.checked("nothing new in the store: the remount touches no file");
  const path = await store.rotate();
  screen.line(`   ${paint("dim", "→")} ${store.rotation}`);
  const { published, ms } = await publish(play, PODS[0]);
  const after = await look(published);
  screen.line();
  screen.line(`   ${paint("bold", PODS[0])}  ${paint("dim", `remounted in ${ms} ms`)}`);
  for (const row of tree(after, before)) screen.line(`   ${row}`);
  screen.line();
  checkRotation(screen, path, before, after);
}

function checkRotation(screen: Screen, path: string, before: readonly SeenFile[], after: readonly SeenFile[]): void {
  const others = (files: readonly SeenFile[]) => contents(files.filter((file) => file.path !== path));
  const old = before.find((file) => file.path === path);
  const now = after.find((file) => file.path === path);
  promise(`${path} has new bytes`, old?.digest !== now?.digest);
  promise(`${path} has a new version`, old?.version !== now?.version);
  promiseEqual("nothing else changed", others(after), others(before));
  promiseEqual("the modes stay", modes(after), modes(before));
  screen.checked(`${path} is new, its version went from ${short(old?.version ?? "")} to ${short(now?.version ?? "")}`);
  screen.checked("every other file has the bytes, version and mode it had");
}

async function makeMistake(play: Play): Promise<void> {
  const { screen, store, driver } = play;
  screen.part(`A SecretProviderClass ${store.mistake.what}`);
  screen.yaml(store.mistake.spc);
  const options = await publishOptions(play, "web-6d4f-3", store.mistake.spc);
  const error = await driver.publish(options).catch((thrown: unknown) => thrown);
  if (!(error instanceof PublishError)) throw error;
  screen.line(`   ${paint("red", "✗")} the pod's event  ${paint("bold", error.code)}`);
  for (const row of error.message.split("\n")) screen.line(`     ${paint("red", row)}`);
  screen.line();
  promise("the code cannot start the pod with an empty volume", !error.uncertain, error.code);
  for (const word of store.mistake.says)
    promise(`the error names ${word}`, error.message.includes(word), error.message);
  screen.checked(`${store.mistake.named} named at once, and the pod does not start without its files`);
}

async function countCalls({ screen, store, latchkey }: Play): Promise<void> {
  screen.part("What the store was asked");
  const lines = await latchkey.mounts(5);
  const mounts = ["first mount", "first mount", "remount, nothing new", "remount, rotated", "one that fails"];
  const rows = lines.map(({ pod, files, storeCalls: { login, read } }, index) => {
    return [pod, mounts[index] ?? "", files === undefined ? "-" : String(files), String(login), String(read)];
  });
  const total = (operation: "login" | "read") => lines.reduce((sum, line) => sum + line.storeCalls[operation], 0);
  const sum = ["total", "", "", String(total("login")), String(total("read"))].map((text) => paint("bold", text));
  screen.table([["pod", "mount", "files", "logins", "reads"], ...rows, sum]);
  screen.line();
  for (const [index, line] of lines.slice(0, 4).entries()) {
    const calls = index === 0 ? store.calls.first : store.calls.later;
    promiseEqual("all mounts share one login, and each reads every secret once", line.storeCalls, calls);
  }
  const seen = await store.reads();
  if (seen === undefined) return;
  promiseEqual("the store's own audit log counts the same reads", seen, total("read"));
  screen.checked(`the store's own audit log counts ${seen} reads as well`);
}
