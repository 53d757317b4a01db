import { join } from "node:path";
import { countReads, outlive, startTen } from "./cache-story.ts";
import { promise, promiseEqual } from "./check.ts";
import { openPlay, type Play, publish, publishError, type Stage } from "./play.ts";
import { paint } from "./screen.ts";
import { contents, look, modes, type SeenFile, short, tree } from "./volume.ts";

/** Plays the life of a volume from the first mount to a mistake, and checks each part. */
export async function tell(stage: Stage): Promise<void> {
  const play = openPlay(stage);
  try {
    await showServing(play);
    showSpc(play);
    const first = await startTen(play);
    await countReads(play);
    await rotate(play, first);
    await outlive(play);
    await makeMistake(play);
  } finally {
    play.driver.close();
  }
}

async function showServing({ screen, driver, store, latchkey }: Play): Promise<void> {
  screen.part("Latchkey serves the driver's protocol on a Unix socket");
  const { version, runtime_name, runtime_version } = await driver.version(store.provider);
  promiseEqual("Version answers the protocol's version", version, "v1alpha1");
  screen.line(`   ${join(latchkey.socketDir, `${store.provider}.sock`)}`);
  screen.checked(`${runtime_name} ${runtime_version} answers Version: ${version}`);
  screen.line();
  screen.line(`   ${paint("dim", "the operator's settings")}`);
  for (const [flag, why] of latchkey.settings) screen.line(`   ${flag.padEnd(26)} ${paint("dim", why)}`);
}

function showSpc({ screen, store }: Play): void {
  screen.part("A SecretProviderClass says what a pod gets");
  screen.yaml(store.spc);
}

async function rotate(play: Play, before: readonly SeenFile[]): Promise<void> {
  const { screen, store } = play;
  screen.part("The password is rotated, the kubelet asks again");
  const idle = await publish(play, 1);
  promise("a remount without news writes nothing", !idle.published.changed);
  promiseEqual("a remount without news touches no file", await look(idle.published), before);
  screen.checked("nothing new in the store: the remount touches no file");
  await store.rotate();
  await play.untilOld();
  const { published, ms } = await publish(play, 1);
  const after = await look(published);
  screen.line();
  screen.line(`   ${paint("bold", play.pods(1))}  ${paint("dim", `remounted in ${ms} ms`)}`);
  for (const row of tree(after, before)) screen.line(`   ${row}`);
  screen.line();
  checkRotation(play, before, after);
}

function checkRotation({ screen, store }: Play, before: readonly SeenFile[], after: readonly SeenFile[]): void {
  const path = store.rotated;
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
  const { screen, store } = play;
  screen.part(`A SecretProviderClass ${store.mistake.what}`);
  screen.yaml(store.mistake.spc);
  const error = await publishError(play, 14, store.mistake.spc);
  screen.failed(error.code, error.message);
  promise("the code cannot start the pod with an empty volume", !error.uncertain, error.code);
  for (const word of store.mistake.says)
    promise(`the error names ${word}`, error.message.includes(word), error.message);
  screen.checked(`${store.mistake.named} named at once`);
  screen.checked("the pod does not start without its files");
}
