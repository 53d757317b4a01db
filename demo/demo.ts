import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTokenIssuer } from "../test/tokens.ts";
import { BrokenPromise } from "./check.ts";
import { startEmbeddedStore } from "./embedded-store.ts";
import { startLatchkey } from "./latchkey.ts";
import { startOpenBaoStore } from "./openbao-store.ts";
import { openScreen, paint, type Screen } from "./screen.ts";
import type { StartStore } from "./store.ts";
import { tell } from "./story.ts";

const STORES: ReadonlyMap<string, StartStore> = new Map([
  ["embedded", startEmbeddedStore],
  ["openbao", startOpenBaoStore],
]);

const USAGE = `usage: npm run demo [-- --store embedded|openbao | --cluster]
Shows Latchkey's main job: with a small server that speaks Vault's API (embedded, the
default), with a real OpenBao server, or on a real Kubernetes control plane with the real
CSI driver (--cluster; as root, needs Go).
`;

/** A story to tell on a screen. */
type Story = (screen: Screen) => Promise<void>;

/** Returns what the command line asks for: a story, or the usage; with the reason if it cannot be had. */
function chosen(): Story | { readonly usage: true; readonly wrong?: string } {
  try {
    const { values } = parseArgs({
      options: { store: { type: "string" }, cluster: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help === true) return { usage: true };
    const { store = "embedded", cluster = false } = values;
    if (cluster && values.store !== undefined) return { usage: true, wrong: "give --store or --cluster, not both" };
    if (cluster) return async (screen) => (await import("./cluster.ts")).tellOnCluster(screen);
    const startStore = STORES.get(store);
    if (startStore === undefined) return { usage: true, wrong: `--store ${store}: give embedded or openbao` };
    return (screen) => tellOfStore(screen, startStore);
  } catch (error) {
    if (!String(Reflect.get(error as object, "code")).startsWith("ERR_PARSE_ARGS")) throw error;
    return { usage: true, wrong: (error as Error).message };
  }
}

/** Shows Latchkey's main job against one store and checks every part of it. Throws where a part is not as promised. */
async function tellOfStore(screen: Screen, startStore: StartStore): Promise<void> {
  const endings: (() => Promise<void>)[] = [];
  try {
    const directory = await mkdtemp(join(tmpdir(), "latchkey-demo-"));
    endings.push(() => rm(directory, { recursive: true, force: true }));
    const issuer = await createTokenIssuer();
    screen.title("Latchkey demo");
    screen.line();
    const store = await screen.waiting("a store with two secrets", () => startStore(issuer));
    endings.push(store.stop);
    const latchkey = await screen.waiting("Latchkey", () => startLatchkey({ ...store, directory, issuer }));
    endings.push(latchkey.stop);
    await tell({ screen, store, latchkey, issuer, directory });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Tells a story and says how it ended. */
async function demo(story: Story): Promise<void> {
  const screen = openScreen();
  await story(screen);
  screen.line();
  const seconds = (performance.now() / 1000).toFixed(1);
  screen.line(`${paint(["bold", "green"], "All as promised")}  ${paint("dim", `in ${seconds} s`)}`);
  screen.line();
}

/** Frames help only where the demo itself is at fault. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof BrokenPromise ? error.message : String(error.stack);
}

async function run(story: Story): Promise<void> {
  try {
    await demo(story);
  } catch (error) {
    process.stderr.write(`\n${paint("red", "The demo failed:")} ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

const choice = chosen();
if (typeof choice === "function") await run(choice);
else if (choice.wrong === undefined) process.stdout.write(USAGE);
else {
  process.stderr.write(`${choice.wrong}\n${USAGE}`);
  process.exitCode = 2;
}
