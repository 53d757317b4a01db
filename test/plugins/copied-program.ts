import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "./start-program.ts";

const root = join(import.meta.dirname, "../..");

/** A copy of the program with one more store and one more dialect. */
export interface CopiedProgram {
  readonly directory: string;
  /** Runs it as a shell does. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): ReturnType<typeof startProgram>;
  /** Writes a file beside it, and gives its path. */
  write(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** The name and the definition of a plug-in, and the room of its kind. */
interface PlugIn {
  readonly room: "stores" | "dialects";
  readonly folder: string;
  readonly name: string;
  /** The line of the registry that it goes behind. */
  readonly after: string;
}

const plugIns: readonly PlugIn[] = [
  { room: "stores", folder: "made-up-store", name: "shelf", after: "vault" },
  { room: "dialects", folder: "made-up-dialect", name: "shelves", after: "aws" },
];

/** Follows CONTRIBUTING.md: copies the folders of the plug-ins into their rooms, and adds a line for each to its registry. */
export async function copyProgram(): Promise<CopiedProgram> {
  const directory = await mkdtemp(join(tmpdir(), "latchkey-plugins-"));
  for (const name of ["src", "proto", "package.json"]) {
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  for (const plugIn of plugIns) await addPlugIn(directory, plugIn);
  return {
    directory,
    run: (args, env = {}) => startProgram(join(directory, "src/main.ts"), args, env),
    write: async (name, text) => {
      await writeFile(join(directory, name), text);
      return join(directory, name);
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function addPlugIn(directory: string, { room, folder, name, after }: PlugIn): Promise<void> {
  const [from, to] = [join(import.meta.dirname, folder), join(directory, "src", room, name)];
  await mkdir(to);
  for (const file of await readdir(from)) {
    const text = await readFile(join(from, file), "utf8");
    await writeFile(join(to, file), text.replaceAll('"../../../src/', '"../../'));
  }
  const registry = join(directory, "src", room, "index.ts");
  const text = await readFile(registry, "utf8");
  const line = `  ${after},\n`;
  if (text.split(line).length !== 2) throw new Error(`the registry of ${room} has no line of its own for ${after}`);
  const imports = `import { ${name} } from "./${name}/definition.ts";\n`;
  await writeFile(registry, imports + text.replace(line, `${line}  ${name},\n`));
}
