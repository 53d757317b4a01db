import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { ConfigError } from "../config/config-error.ts";
import { ownProgress } from "./progress.ts";

/** The file name that means standard input. */
const standardInput = "-";

/** The text of a file that the command line names; `-` is standard input. Throws `ConfigError`. */
export async function readInput(file: string): Promise<string> {
  if (file === standardInput) {
    const [progress, read] = [ownProgress(), () => text(process.stdin)];
    if (!process.stdin.isTTY) return await progress.during("waiting for standard input", read);
    return await progress.hint("waiting for YAML on standard input; end it with Ctrl-D", read);
  }
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`${file}: cannot be read (${error.code}); check the path and its permissions`);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError(`${file}: is not UTF-8 text; save it as UTF-8`);
    throw error;
  }
}
