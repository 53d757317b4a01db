import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTokenIssuer } from "../test/tokens.ts";
import { BrokenPromise } from "./check.ts";
import { startFileStore } from "./file-store.ts";
import { startLatchkey } from "./latchkey.ts";
import { startOpenBaoStore } from "./openbao-store.ts";
import { openScreen, paint } from "./screen.ts";
import type { StartStore } from "./store.ts";
import { tell } from "./story.ts";

const STORES: ReadonlyMap<string, StartStore> = new Map([
  ["file", startFileStore],
  ["openbao", startOpenBaoStore],
]);

function chosenStore(): StartStore {
  const { values } = parseArgs({ options: { store: { type: "string", default: "file" } } });
  const start = STORES.get(values.store);
  if (start === undefined) throw new BrokenPromise(`--store ${values.store}: give file or openbao`);
  return start;
}

/** Shows Latchkey's main job in a terminal and checks every part of it. Throws where a part is not as promised. */
async function demo(): Promise<void> {
  const startStore = chosenStore();
  const screen = openScreen();
  const endings: (() => Promise<void>)[] = [];
  try {
    const directory = await mkdtemp(join(tmpdir(), "latchkey-demo-"));
    endings.push(() => rm(directory, { recursive: true, force: true }));
    const issuer = await createTokenIssuer();
    const store = await startStore(directory, issuer);
    endings.push(store.stop);
    screen.title(`Latchkey demo, store: ${store.name}`);
    const latchkey = await startLatchkey({ ...store, directory, issuer });
    endings.push(latchkey.stop);
    await tell({ screen, store, latchkey, issuer, directory });
  } finally {
    for (const end of endings.reverse()) await end();
  }
  screen.line();
  const seconds = (performance.now() / 1000).toFixed(1);
  screen.line(`${paint(["bold", "green"], "All as promised")}  ${paint("dim", `in ${seconds} s`)}`);
  screen.line();
}

/** Frames help only where the demo itself is at fault. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = error instanceof BrokenPromise || String(Reflect.get(error, "code")).startsWith("ERR_PARSE_ARGS");
  return isPlain ? error.message : String(error.stack);
}

try {
  await demo();
} catch (error) {
  process.stderr.write(`\n${paint("red", "The demo failed:")} ${explain(error)}\n`);
  process.exitCode = 1;
}
