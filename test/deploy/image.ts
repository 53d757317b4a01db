import { execFile } from "node:child_process";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readDocument } from "../docs/documents.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** Whose the image's process is; where the tests are not root's, whoever runs them. */
export const user =
  process.getuid?.() === 0
    ? { uid: 65532, gid: 65532 }
    : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** A directory laid out as the image is. */
export interface Image {
  readonly directory: string;
  /** The image's command: Node, its flags and the program. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Everything that the image adds to its base, with digests. */
  readonly list: string;
  remove(): Promise<void>;
}

/** Builds the bundle and takes the steps of the Dockerfile. Of the base image there is Node alone. */
export async function layOutImage(): Promise<Image> {
  const directory = await mkdtemp(join(tmpdir(), "lk-image-"));
  await chmod(directory, 0o755);
  const node = join(directory, "nodejs/bin/node");
  const bundle = await mkdtemp(join(tmpdir(), "lk-bundle-"));
  await run(process.execPath, [join(root, "scripts/build.ts"), bundle]);
  await run(process.execPath, [join(root, "scripts/image-files.ts"), directory, bundle]);
  await rm(bundle, { recursive: true });
  await mkdir(join(directory, "nodejs/bin"), { recursive: true });
  await cp(process.execPath, node, { dereference: true });
  const { entrypoint, env } = await readDockerfile();
  const [, ...flags] = entrypoint.slice(0, -1);
  await warm(directory, [node, ...flags]);
  return {
    directory,
    command: [node, ...flags, join(directory, entrypoint.at(-1) ?? "")],
    env,
    list: await readFile(join(directory, "app/files.sha256"), "utf8"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Reads the image's entrypoint and environment. */
async function readDockerfile() {
  const text = await readDocument("Dockerfile");
  const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text)?.[1] ?? "[]");
  return { entrypoint, env: Object.fromEntries([...text.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, k, v]) => [k, v])) };
}

/** Makes the compile cache as the image's user, and takes from it the right to write, as a read-only root does. */
async function warm(directory: string, [node = "", ...flags]: readonly string[]): Promise<void> {
  const cache = join(directory, "app/compile-cache");
  await mkdir(cache);
  await chown(cache, user.uid, user.gid);
  const sockets = await mkdtemp(join(tmpdir(), "lk-warm-"));
  await chown(sockets, user.uid, user.gid);
  const script = join(directory, "warm.mjs");
  await cp(join(root, "scripts/image-warm.mjs"), script);
  await run(node, [...flags, script, join(directory, "app"), sockets], { ...user, env: {}, cwd: "/" });
  await rm(sockets, { recursive: true });
  await rm(script);
}
