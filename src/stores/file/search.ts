import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { ZodType } from "zod";
import * as z from "zod";
import { FoundNames, noName } from "../found-names.ts";
import type { Search, Secret } from "../store.ts";
import { fileError } from "./errors.ts";
import { nameProblem } from "./ref.ts";
import type { FileRef, FileSearch } from "./types.ts";

const query: ZodType<FileSearch> = z
  .strictObject({
    prefix: z.string().default(""),
    tags: z.never("files have no tags: find them by prefix or pattern").optional(),
  })
  .superRefine(({ prefix }, context) => {
    // What may follow is a name, so this is one as far as it goes.
    const message = nameProblem(`${prefix}x`);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["prefix"], message });
  })
  .transform(({ prefix }) => ({ prefix }));

/** How a directory is searched: by the beginnings of relative paths. */
export const fileSearch: Search<FileRef, FileSearch> = {
  query,
  prefixOf: ({ prefix }) => prefix,
  refOf: (_, name) => {
    if (nameProblem(name) !== undefined) throw noName(name);
    return { name };
  },
};

/**
 * The names of all regular files below the directory that begin so; none where it does not exist. Names that begin with `..` are the ones that Kubernetes
 * keeps for itself; symlinks are followed where they end inside the prefix's directory, each directory once. Throws what `fileError` makes.
 */
export async function searchFiles(rootOf: () => Promise<string>, { prefix }: FileSearch): Promise<Secret> {
  const what = describe(prefix);
  try {
    const names = new FoundNames(what);
    const root = await existing(rootOf());
    const top = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const within = root && (await existing(realpath(`${root}${sep}${top}`)));
    if (root !== undefined && within !== undefined && isInside(within, root)) {
      await walk({ root, within, names, prefix, seen: new Set() }, top);
    }
    return names.secret;
  } catch (thrown) {
    throw fileError(thrown, `the directory of ${what}`);
  }
}

/** A search in words. */
export function describe(prefix: string): string {
  return prefix === "" ? "all files" : `files below ${prefix}`;
}

interface Walk {
  readonly root: string;
  /** The real path of the directory that the search starts in. */
  readonly within: string;
  readonly names: FoundNames;
  readonly prefix: string;
  /** Real paths of the directories on the way. */
  readonly seen: Set<string>;
}

/** `folder` is relative and ends with a slash, or is empty. */
async function walk(search: Walk, folder: string): Promise<void> {
  const { root, within, names, prefix, seen } = search;
  names.call();
  const real = await existing(realpath(`${root}${sep}${folder}`));
  if (real === undefined || seen.has(real) || !isInside(real, within)) return;
  seen.add(real);
  for (const entry of (await existing(readdir(real, { withFileTypes: true }))) ?? []) {
    const name = `${folder}${entry.name}`;
    if (entry.name.startsWith("..") || !(name.startsWith(prefix) || prefix.startsWith(`${name}/`))) continue;
    const kind = await kindOf(entry, within, `${real}${sep}${entry.name}`);
    if (kind === "directory") await walk(search, `${name}/`);
    else if (kind === "file" && name.startsWith(prefix)) names.add([name]);
  }
}

async function kindOf(entry: Dirent, within: string, path: string): Promise<"file" | "directory" | undefined> {
  const target = entry.isSymbolicLink() ? await existing(realpath(path)) : path;
  if (target === undefined || !isInside(target, within)) return undefined;
  const found = entry.isSymbolicLink() ? await existing(stat(target)) : entry;
  if (found?.isDirectory()) return "directory";
  return found?.isFile() ? "file" : undefined;
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

/** A directory changes while it is walked: what is gone is not found. */
async function existing<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw thrown;
  }
}
