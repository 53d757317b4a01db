import { promise, promiseEqual } from "./check.ts";
import { type Play, publish, publishError } from "./play.ts";
import { paint } from "./screen.ts";
import { contents, look, modes, type SeenFile, tree } from "./volume.ts";

/** Starts ten pods of one service account; gives the files of the first. */
export async function startTen(play: Play): Promise<readonly SeenFile[]> {
  const { screen, store } = play;
  screen.part("Ten pods of one service account start");
  const seen: (readonly SeenFile[])[] = [];
  for (let number = 1; number <= 10; number += 1) {
    const { published, ms } = await publish(play, number);
    const files = await look(published);
    seen.push(files);
    screen.line(`   ${paint("bold", play.pods(number).padEnd(8))} ${paint("dim", `shop/web, mounted in ${ms} ms`)}`);
    if (number > 1) continue;
    for (const row of tree(files)) screen.line(`   ${row}`);
    screen.line();
  }
  const [first = []] = seen;
  promiseEqual("the volume holds exactly the files of the SecretProviderClass", modes(first), store.files);
  for (const files of seen) promiseEqual("all pods see the same", contents(files), contents(first));
  screen.line();
  screen.checked("all ten volumes hold the same bytes, versions and modes");
  return first;
}

/** Says what the ten pods cost the store. */
export async function countReads({ screen, store, latchkey, pods }: Play): Promise<void> {
  const lines = await Promise.all(Array.from({ length: 10 }, (_, index) => latchkey.mountOf(pods(index + 1))));
  const total = (operation: "login" | "read") => lines.reduce((sum, line) => sum + line.storeCalls[operation], 0);
  promiseEqual("ten pods share one login and one read of each secret", [total("login"), total("read")], [1, 2]);
  screen.checked("they cost the store 1 login, and 1 read of each of the 2 secrets");
  promiseEqual("the store has counted the same reads", await store.reads(), 2);
  screen.checked(`${store.called} itself has counted 2 reads`);
}

/** Starts pods while the store is away, and refuses them once the store has said no. */
export async function outlive(play: Play): Promise<void> {
  const { screen, store } = play;
  screen.part(`${capital(store.called)} goes away, and a new pod starts`);
  await play.untilOld();
  await store.goAway();
  screen.line(`   ${paint("red", "■")} ${store.called} answers nobody`);
  await startNew(play, 11);
  screen.checked("the new pod is served from the node's cache, and the log says so: stale");
  screen.part("Access is withdrawn: a denial is never covered");
  await store.comeBack();
  await store.deny();
  screen.line(`   ${paint("green", "■")} ${store.called} is back, and refuses the pods' role`);
  await play.untilDenied();
  const error = await publishError(play, 12);
  promiseEqual("the pod's event says that it is denied", error.code, "PERMISSION_DENIED");
  screen.failed(error.code, error.message.split("\n").slice(0, 2).join("\n"));
  await store.goAway();
  screen.line(`   ${paint("red", "■")} ${store.called} goes away once more`);
  const after = await publishError(play, 13);
  screen.failed(after.code, after.message.split("\n").slice(0, 2).join("\n"));
  screen.checked("what was denied is gone: the next outage does not bring it back");
  await store.comeBack();
}

async function startNew(play: Play, number: number): Promise<void> {
  const { screen, latchkey, store } = play;
  const { published, ms } = await publish(play, number);
  const files = await look(published);
  promiseEqual("the new pod has all files", files.length, store.files.length);
  const line = await latchkey.mountOf(play.pods(number));
  promise("the log says that the secrets are stale", (line.stale ?? 0) > 0, line);
  screen.line(`   ${paint("bold", play.pods(number))}  ${paint("dim", `shop/web, mounted in ${ms} ms`)}`);
  for (const row of tree(files)) screen.line(`   ${row}`);
  screen.line();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
