import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { ProviderError } from "../../../errors.ts";
import { directoryFor } from "../../file/directory.ts";
import { readFileBelow } from "../../file/read-file.ts";
import type { Identity } from "../../store.ts";

/** The identities of key files, as text; each line is a secret. */
export interface AgeKeys {
  readonly identities: readonly string[];
  /** Kinds of lines in the files that cannot be used. */
  readonly foreign: readonly string[];
}

const usable = /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/;

/**
 * Reads key files for one identity: each time, so that a key that was replaced counts at once. A file that is not there holds
 * no key: a namespace need not have one. Throws what reading throws.
 */
export async function readAgeKeys(files: readonly string[], identity: Identity): Promise<AgeKeys> {
  const identities: string[] = [];
  const foreign: string[] = [];
  for (const file of files) {
    for (const line of await linesOf(directoryFor(file, identity))) {
      if (usable.test(line)) identities.push(line);
      else foreign.push(line.startsWith("AGE-PLUGIN-") ? "a plug-in's identity" : "a line that is no age identity");
    }
  }
  return { identities, foreign };
}

async function linesOf(path: string): Promise<readonly string[]> {
  try {
    const bytes = await readFileBelow(() => realpath(dirname(path)), basename(path));
    const lines = Buffer.from(bytes).toString("utf8").split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  } catch (thrown) {
    if (thrown instanceof ProviderError && thrown.id === "LK0034") return [];
    throw thrown;
  }
}

/** Opens a wrapped key by any of the identities; undefined if none fits. Throws nothing: what is broken fits no key. */
export async function openByAge(wrapped: string, { identities }: AgeKeys): Promise<Uint8Array | undefined> {
  if (identities.length === 0) return undefined;
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(armor.decode(wrapped));
  } catch {
    // Whatever is wrong with it, this node cannot open it; its text could quote the file.
    return undefined;
  }
}
