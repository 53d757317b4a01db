import { realpath } from "node:fs/promises";
import pLimit from "p-limit";
import { shared } from "../../async/once.ts";
import { ProviderError } from "../../errors.ts";
import { writeGoJson } from "../../formats/go-json.ts";
import { Redacted } from "../../redacted.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import { baseOf, directoryFor } from "./directory.ts";
import { readFileBelow } from "./read-file.ts";
import { describe, searchFiles } from "./search.ts";
import type { FileRef, FileSearch, FileSettings } from "./types.ts";
import { yamlToJson } from "./yaml-to-json.ts";

/** A session on the identity's directory; there is nothing to log in to. Throws what `directoryFor` throws. */
export function openFileSession(request: OpenRequest<FileSettings>, concurrency: number): Session<FileRef, FileSearch> {
  const directory = directoryFor(request.settings.directory, request.identity);
  const root = shared(() => rootOf(directory, request.settings));
  // One bound for the session: a mount asks for its files one by one.
  const limit = pLimit(concurrency);
  return {
    read: (ref, context) => limit(() => read(root, ref, context)),
    close: async () => undefined,
  };
}

/**
 * The real path of the identity's directory. An identity may have none; what the operator names before the first
 * placeholder has to be there, or nothing can be said of any file. Throws `LK0030`.
 */
async function rootOf(directory: string, settings: FileSettings): Promise<string> {
  try {
    return await realpath(directory);
  } catch (thrown) {
    const base = await realpath(baseOf(settings.directory)).catch(() => undefined);
    if (base !== undefined) throw thrown;
    throw new ProviderError("LK0030", "the directory of the file store is not on this node", {
      fix: "mount it into Latchkey at the path that the profile names",
    });
  }
}

async function read(root: () => Promise<string>, ref: FileRef | FileSearch, context: CallContext): Promise<Secret> {
  const isSearch = "prefix" in ref;
  const started = () => {
    context.count("read");
    return isSearch ? searchFiles(root, ref) : readSecret(root, ref);
  };
  return await inTime(started, context.signal, isSearch ? describe(ref.prefix) : `the file ${ref.name}`);
}

async function readSecret(root: () => Promise<string>, { name }: FileRef): Promise<Secret> {
  const bytes = await readFileBelow(root, name);
  const value = /\.ya?ml$/.test(name) ? Buffer.from(writeGoJson(yamlToJson(bytes, name)), "utf8") : bytes;
  return { value: new Redacted(value) };
}
