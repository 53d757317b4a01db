import { readFile } from "node:fs/promises";
import { ConfigError } from "./config-error.ts";

/** Reads a file that the operator named; where that fails the setting is wrong: `ConfigError`. */
export async function readOperatorFile(path: string, setting: string): Promise<Buffer> {
  return await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `${setting}: cannot read ${path} (${error.code ?? error.name}); give a file that Latchkey may read`,
    );
  });
}
