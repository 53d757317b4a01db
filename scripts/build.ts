import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { ownProgress } from "../src/cli/progress.ts";

// Makes dist/latchkey.mjs (or in the directory that is given), what the image runs: one file to start and a chunk for each store and dialect, loaded on
// first use, so that a node carries only the SDKs of the stores that it reads.

const root = join(import.meta.dirname, "..");
const outdir = process.argv[2] ?? join(root, "dist");

await rm(outdir, { recursive: true, force: true });
const options: BuildOptions = {
  absWorkingDir: root,
  entryPoints: {
    latchkey: "src/main.ts",
    "template-worker": "src/render/templates/worker.ts",
    "verify-worker": "src/verify/worker.ts",
  },
  // Seen from chunks/, where the code lies that starts it.
  define: { TEMPLATE_WORKER: '"../template-worker.mjs"', VERIFY_WORKER: '"../verify-worker.mjs"' },
  outdir,
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  // The AWS SDK's ES modules: half the size of its CommonJS build, and their names survive a lazy import.
  mainFields: ["module", "main"],
  target: "node22.12",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  // node-vault loads axios and gets our transport instead: 6 MB of memory and 50 ms of every first mount for nothing.
  // Nor are its schemas and the templates of its commands used: more than half of its code.
  alias: {
    axios: join(root, "scripts/stubs/axios.ts"),
    mustache: join(root, "scripts/stubs/unused.ts"),
    tv4: join(root, "scripts/stubs/unused.ts"),
  },
  // CommonJS packages inside an ES module still call require for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
};
// The demo begins with it, and on a busy machine it takes seconds.
await ownProgress().during("building Latchkey", () => build(options));
await chmod(join(outdir, "latchkey.mjs"), 0o755);
