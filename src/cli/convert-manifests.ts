import { ConfigError } from "../config/config-error.ts";
import { newClass } from "../convert/convert-class.ts";
import { FormatError } from "../formats/format-error.ts";
import { printable } from "../lint/formats/human.ts";
import { storeDefinitions } from "../stores/index.ts";
import { print } from "./terminal.ts";

/**
 * Prints a SecretProviderClass for each manifest of another controller that stands for secrets of a store, notes on standard
 * error; gives the exit code, or undefined for a text without such manifests. Throws `ConfigError` for one that is broken.
 */
export async function convertManifests(text: string, file: string): Promise<number | undefined> {
  // A look spares the readers all other files.
  if (/^[\s"'-]*kind["']?\s*:\s*["']?SecretProviderClass/m.test(text)) return undefined;
  const classes: string[] = [];
  const notes: string[] = [];
  for (const { kind, manifests } of storeDefinitions) {
    for (const manifest of manifests === undefined ? [] : read(await manifests(), text, file)) {
      classes.push(newClass(manifest, { [kind]: { kind } }, [{ store: kind, ...manifest.secret }]));
      notes.push(...manifest.notes);
    }
  }
  if (classes.length === 0) return undefined;
  await print(classes.join("---\n"));
  for (const note of notes) await print(`note: ${printable(note)}\n`, process.stderr);
  return 0;
}

function read<T>(reader: (text: string) => readonly T[], text: string, file: string): readonly T[] {
  try {
    return reader(text);
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    throw new ConfigError(`${file}: ${thrown.message}`);
  }
}
