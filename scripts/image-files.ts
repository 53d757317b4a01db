import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, copyFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { productionPackages } from "./production-packages.ts";

// Lays out what the image adds to its base, below the directory that is given: app/ (the bundle; a second argument says where
// it is), usr/local/bin/latchkey (the program by its name, for kubectl exec: the image has no shell), licenses/ (ours, those of
// all that is in the bundle, the SBOM) and app/files.sha256, the list of all of it. The same sources give the same list.

const root = join(import.meta.dirname, "..");
const [out = "", bundle = join(root, "dist")] = process.argv.slice(2);
const run = promisify(execFile);

await mkdir(join(out, "licenses"), { recursive: true });
await cp(bundle, join(out, "app"), { recursive: true, filter: (path) => !path.endsWith("compile-cache") });
await mkdir(join(out, "usr/local/bin"), { recursive: true });
await writeFile(join(out, "usr/local/bin/latchkey"), '#!/nodejs/bin/node\nimport("../../../app/latchkey.mjs");\n');
await copyFile(join(root, "LICENSE"), join(out, "licenses/LICENSE"));
for (const { path } of await productionPackages()) await copyLicences(path);
await writeFile(join(out, "licenses/sbom.cdx.json"), await sbom());
const files = await filesBelow(out);
await writeFile(join(out, "app/files.sha256"), (await Promise.all(files.map(lineOf))).join(""));
await setModes();

/** As they should be whatever the umask was; nobody but root may write. */
async function setModes(): Promise<void> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const isProgram = (name: string) => name === "latchkey.mjs" || name === "latchkey";
  await Promise.all(
    entries.map((entry) =>
      chmod(join(entry.parentPath, entry.name), entry.isDirectory() || isProgram(entry.name) ? 0o755 : 0o644),
    ),
  );
}

async function copyLicences(path: string): Promise<void> {
  for (const name of await readdir(join(root, path))) {
    if (!/^(?:licen[cs]e|notice|copying)/i.test(name)) continue;
    const target = join(out, "licenses", path, name);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(root, path, name), target, { recursive: true });
  }
}

interface Bom {
  readonly metadata: { readonly component: Readonly<Record<string, unknown>> };
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * CycloneDX of the lock file by npm, without what is of this run: its number, its time, npm's version and the directory's name.
 * npm's own --omit leaves out packages that are somebody's peers as well, so the production tree is picked here.
 */
async function sbom(): Promise<string> {
  const args = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"];
  const { stdout } = await run("npm", args, { cwd: root, maxBuffer: 16 * 1024 ** 2 });
  const { metadata, components, dependencies, ...rest }: Bom & { serialNumber?: string } = JSON.parse(stdout);
  delete rest.serialNumber;
  const kept = new Set((await productionPackages()).map(({ name, version }) => `${name}@${version}`));
  const own = `${metadata.component["bom-ref"]}`;
  const bom = {
    ...rest,
    metadata: { component: { ...metadata.component, name: "latchkey", type: "application" } },
    components: components.filter((each) => kept.has(each["bom-ref"])),
    dependencies: dependencies
      .filter(({ ref }) => ref === own || kept.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) })),
  };
  return `${JSON.stringify(bom, null, 1)}\n`;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  return found.map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1)).sort();
}

async function lineOf(file: string): Promise<string> {
  const digest = createHash("sha256")
    .update(await readFile(join(out, file)))
    .digest("hex");
  return `${digest}  ${file}\n`;
}
