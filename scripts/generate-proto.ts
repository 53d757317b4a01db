import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";

// Makes src/server/v1alpha1 from proto/: types by proto-loader's generator, and the descriptor as JSON, so that the
// bundle needs no .proto file and no parser at start. With --check it only compares, and fails when they differ.

const root = join(import.meta.dirname, "..");
const target = join(root, "src/server/v1alpha1");

async function generate(folder: string): Promise<void> {
  const proto = "proto/provider.proto"; // relative: the generator writes this path into its files
  const options = [
    "--grpcLib=@grpc/grpc-js",
    "--importFileExtension=.ts",
    "--defaults",
    "--arrays",
    "--includeComments",
  ];
  execFileSync("proto-loader-gen-types", [...options, `--outDir=${folder}`, proto], { cwd: root, stdio: "pipe" });
  const descriptor = protobuf.loadSync(join(root, proto)).toJSON();
  await writeFile(join(folder, "descriptor.json"), `${JSON.stringify(descriptor, null, 2)}\n`);
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();
}

async function differences(folder: string): Promise<string[]> {
  const [made, kept] = await Promise.all([listFiles(folder), listFiles(target)]);
  const names = new Set([...made, ...kept]);
  const differing: string[] = [];
  for (const name of names) {
    const read = (base: string) => readFile(join(base, name), "utf8").catch(() => "(no file)");
    if ((await read(folder)) !== (await read(target))) differing.push(name);
  }
  return differing;
}

const folder = await mkdtemp(join(tmpdir(), "latchkey-proto-"));
try {
  await generate(folder);
  if (process.argv.includes("--check")) {
    const stale = await differences(folder);
    if (stale.length > 0) {
      process.stderr.write(`generated types are stale: ${stale.join(", ")}; run npm run generate\n`);
      process.exitCode = 1;
    }
  } else {
    await rm(target, { recursive: true, force: true });
    await cp(folder, target, { recursive: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
