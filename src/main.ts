#!/usr/bin/env node
import module from "node:module";

// Only this file runs on a Node that is too old: it imports nothing that such a Node could not load.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`latchkey needs Node 22.12 or later, this is ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  // Beside the bundle and never in a shared temporary directory, where others could plant code.
  if (import.meta.filename.endsWith(".mjs")) module.enableCompileCache(`${import.meta.dirname}/compile-cache`);
  const { runCommand } = await import("./cli/command.ts");
  // Everything has been closed in order by now; a request that a store never answers must not hold the process back.
  process.exit(await runCommand(process.argv.slice(2)));
}
