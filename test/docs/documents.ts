import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "../..");

/** A file that a document promises to the pod. */
interface PromisedFile {
  readonly path: string;
  readonly mode: number;
  /** Where the document shows it. */
  readonly content?: string;
}

/** A SecretProviderClass of the documentation, and what the text beside it says that the pod sees. */
export interface Example {
  /** File and line. */
  readonly place: string;
  readonly yaml: string;
  readonly promised: readonly PromisedFile[];
}

/** Text of a file of the repository. */
export function readDocument(path: string): Promise<string> {
  return readFile(join(root, path), "utf8");
}

/** Files below a folder of the repository whose names end so, in order. */
export async function listDocuments(folder: string, ending: string): Promise<readonly string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** The objects of a YAML file. Throws where it is no YAML. */
export function parseObjects(yaml: string): readonly Record<string, unknown>[] {
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Record<string, unknown>;
  });
}

/** Every SecretProviderClass of `deploy/examples`; the comment in front of it says what the pod sees. */
export async function exampleFiles(): Promise<readonly Example[]> {
  const paths = await listDocuments("deploy/examples", ".yaml");
  return await Promise.all(
    paths.map(async (path) => {
      const yaml = await readDocument(path);
      const comment = yaml.match(/^# The pod sees:\n((?:# {3}.*\n)+)/m)?.[1] ?? "";
      return { place: path, yaml, promised: readFiles(comment.replace(/^#/gm, "")) };
    }),
  );
}

/** The files that a text shows: lines of path, octal mode and, where shown, content. */
export function readFiles(lines: string): readonly PromisedFile[] {
  const form = /^ *(\S+) +(0[0-7]{3})(?: +(\S.*?))? *$/gm;
  return [...lines.matchAll(form)].map(([, path = "", mode = "", content]) => ({
    path,
    mode: Number.parseInt(mode, 8),
    ...(content === undefined ? {} : { content }),
  }));
}
