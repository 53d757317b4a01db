import type { Dirent } from "node:fs";
import pLimit from "p-limit";
import type { Entry } from "../entries.ts";
import { type Flaw, flawOf } from "./bad-file.ts";
import { type Codec, joinEntry } from "./codec.ts";
import type { CacheDirectory } from "./directory.ts";
import type { Sealer } from "./sealer.ts";
import { fileName, readStored, type Stamp } from "./stored.ts";
import { type Present, Timeline } from "./timeline.ts";
import { forgottenFile, wrappedKeyFile } from "./wrapped-key.ts";

/** Everything that reading the directory needs. */
export interface Source<V> {
  readonly directory: CacheDirectory;
  readonly sealer: Sealer;
  readonly mostBytes: number;
  /** Whether files of another boot count, by the wall clock. */
  readonly acrossBoots: boolean;
  readonly codec: Codec<V>;
}

/** A file that is used; a record's has no entry. */
interface GoodFile<V> {
  readonly name: string;
  readonly size: number;
  /** In this boot's time. */
  readonly savedAt: number;
  readonly entry?: Entry<V>;
}

/** A file that is not. One that is no file of the cache's by its name is `left` where it is. */
export interface FlawedFile {
  readonly name: string;
  readonly flaw: Flaw;
  readonly left?: true;
}

/** All that a directory held; the good ones oldest first. */
export interface Loaded<V> {
  readonly good: readonly GoodFile<V>[];
  readonly flawed: readonly FlawedFile[];
  readonly highestWall: number;
}

/** Decoded at once, so that no sealed bytes are held while the others are read. */
interface Found<V> {
  readonly name: string;
  readonly size: number;
  readonly stamp: Stamp;
  readonly entry?: Entry<V>;
}

/** Files read at once. */
const atOnce = 8;

/** Reads every file of the directory and judges its times once all are read. No file makes it throw. */
export async function loadAll<V>(source: Source<V>, present: () => Present): Promise<Loaded<V>> {
  const flawed: FlawedFile[] = [];
  const found = await readFiles(source, flawed);
  const stamps = found.map(({ stamp }) => stamp);
  const timeline = new Timeline(present(), stamps, source.acrossBoots);
  const good = found.flatMap((file) => {
    try {
      return [place(file, timeline)];
    } catch (error) {
      flawed.push({ name: file.name, flaw: flawOf(error) });
      return [];
    }
  });
  good.sort((one, other) => one.savedAt - other.savedAt);
  return { good, flawed, highestWall: timeline.highestWall };
}

async function readFiles<V>(source: Source<V>, flawed: FlawedFile[]): Promise<readonly Found<V>[]> {
  const limit = pLimit(atOnce);
  const files: string[] = [];
  for (const dirent of await source.directory.list()) {
    const flaw = strayness(dirent, source.directory);
    if (flaw === "none") files.push(dirent.name);
    else if (flaw !== "ours") flawed.push(flaw);
  }
  const found = await Promise.all(files.map((name) => limit(() => readOne(name, source, flawed))));
  return found.filter((file) => file !== undefined);
}

/** Never removes what has no name of ours: a wrong `--cache-dir` must not cost anybody's files. */
function strayness(dirent: Dirent, directory: CacheDirectory): FlawedFile | "ours" | "none" {
  const { name } = dirent;
  if (name === wrappedKeyFile || name === forgottenFile || directory.isOwnerFile(name) || directory.isOwnPart(name))
    return "ours";
  if (!fileName.test(name) || dirent.isDirectory()) return { name, flaw: "stray", left: true };
  return dirent.isFile() && !name.endsWith(".part") ? "none" : { name, flaw: "stray" };
}

async function readOne<V>(name: string, source: Source<V>, flawed: FlawedFile[]): Promise<Found<V> | undefined> {
  const { directory, sealer, mostBytes, codec } = source;
  try {
    const contents = await directory.read(name, mostBytes);
    if (contents === undefined) return undefined;
    const { header, body } = readStored(sealer, name, contents);
    const found = { name, size: contents.length, stamp: header.stamp };
    return header.kind === "entry" ? { ...found, entry: joinEntry(header.entry, body, codec) } : found;
  } catch (error) {
    flawed.push({ name, flaw: flawOf(error) });
    return undefined;
  }
}

function place<V>({ name, size, stamp, entry }: Found<V>, timeline: Timeline): GoodFile<V> {
  const file = { name, size, savedAt: timeline.savedAt(stamp) };
  return entry === undefined ? file : { ...file, entry: timeline.place(stamp, entry) };
}
