import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { filesBelow } from "../test/driver/atomic-writer.ts";
import type { Published } from "../test/driver.ts";
import { align, paint } from "./screen.ts";

/** One file of a volume as the pod sees it. */
export interface SeenFile {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly size: number;
  readonly version: string;
  /** Stands for the content, which is never shown. */
  readonly digest: string;
  /** Changes whenever somebody touches the file. */
  readonly touched: string;
}

/** Returns what a pod sees in its volume, with the versions that the driver reports. */
export async function look({ target, podStatus }: Published): Promise<readonly SeenFile[]> {
  const versions = new Map(podStatus.status.objects.map(({ id, version }) => [id, version]));
  const paths = await filesBelow(join(target, "..data"));
  return Promise.all(paths.map((path) => see(target, path, versions.get(path) ?? "none")));
}

async function see(target: string, path: string, version: string): Promise<SeenFile> {
  const file = join(target, path);
  const { mode, uid, gid, size, ino, mtimeMs } = await stat(file);
  const digest = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  return {
    path,
    mode: modeText(mode),
    owner: ownerText(uid, gid),
    size,
    version,
    digest,
    touched: `${ino} ${mtimeMs}`,
  };
}

function modeText(mode: number): string {
  const triad = (bits: number) => `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${bits & 1 ? "x" : "-"}`;
  return `-${triad(mode >> 6)}${triad(mode >> 3)}${triad(mode)}`;
}

function ownerText(uid: number, gid: number): string {
  const me = userInfo();
  return `${uid === me.uid ? me.username : uid}:${gid === 0 ? "root" : gid}`;
}

/** Each file's path and mode. */
export function modes(files: readonly SeenFile[]): readonly (readonly [string, string])[] {
  return files.map(({ path, mode }) => [path, mode]);
}

/** Each file's path and content with its version. */
export function contents(files: readonly SeenFile[]): readonly (readonly string[])[] {
  return files.map(({ path, digest, version }) => [path, digest, version]);
}

/** The volume as a tree; files that are not in `before` as they are now stand out. */
export function tree(files: readonly SeenFile[], before: readonly SeenFile[] = files): string[] {
  const known = new Map(before.map((file) => [file.path, file]));
  const rows = branches(files).map(({ label, file }) => {
    if (file === undefined) return [label];
    const changed = known.get(file.path)?.digest !== file.digest;
    const style = (text: string) => (changed ? paint("yellow", text) : text);
    const version = `${style(short(file.version))}${changed ? style("  changed") : ""}`;
    return [style(label), paint("dim", file.mode), paint("dim", file.owner), `${file.size} B`, version];
  });
  const heading = ["", "mode", "owner", "size", "version"].map((text) => paint("dim", text));
  return align([heading, ...rows]);
}

/** A version is long where it is an HMAC; its head tells versions apart. */
export function short(version: string): string {
  return version.length > 12 ? `${version.slice(0, 10)}…` : version;
}

interface Branch {
  readonly label: string;
  readonly file?: SeenFile;
}

function branches(files: readonly SeenFile[]): Branch[] {
  const tops = [...new Set(files.map(({ path }) => path.split("/", 1)[0] ?? path))];
  return tops.flatMap((top, index) => {
    const isLast = index === tops.length - 1;
    const own = files.filter(({ path }) => path === top || path.startsWith(`${top}/`));
    const corner = isLast ? "└── " : "├── ";
    const [only] = own;
    if (only?.path === top) return [{ label: corner + top, file: only }];
    const inner = own.map((file, at): Branch => {
      const branch = at === own.length - 1 ? "└── " : "├── ";
      return { label: `${isLast ? "    " : "│   "}${branch}${file.path.slice(top.length + 1)}`, file };
    });
    return [{ label: `${corner}${top}/` }, ...inner];
  });
}
