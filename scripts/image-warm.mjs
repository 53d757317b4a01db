import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

// Runs the program of an image once, by the image's own Node and user, and loads every chunk: Node then writes what it
// compiled into compile-cache. Arguments: the directory of the program, and one for its sockets.

const [app, sockets] = process.argv.splice(2, 2);
process.argv.push("serve", `--socket-dir=${sockets}`, "--version-key=ephemeral", "--log-level=error");
const load = (path) => import(pathToFileURL(`${app}/${path}`).href);
const serving = load("latchkey.mjs");
while (!existsSync(`${sockets}/latchkey.sock`)) await sleep(10);
for (const name of await readdir(`${app}/chunks`)) if (name.endsWith(".mjs")) await load(`chunks/${name}`);
process.kill(process.pid, "SIGTERM");
await serving;
