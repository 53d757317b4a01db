import { realpath } from "node:fs/promises";
import pLimit from "p-limit";
import { toProviderError } from "../../errors.ts";
import { writeGoJson } from "../../formats/go-json.ts";
import { Redacted } from "../../redacted.ts";
import type { CallContext, OpenRequest, Outcome, Session } from "../store.ts";
import { untilAborted } from "../until-aborted.ts";
import { directoryFor } from "./directory.ts";
import { readFileBelow } from "./read-file.ts";
import type { FileRef, FileSettings } from "./types.ts";
import { yamlToJson } from "./yaml-to-json.ts";

/** A session on the identity's directory; there is nothing to log in to. Throws what `directoryFor` throws. */
export function openFileSession(request: OpenRequest<FileSettings>, concurrency: number): Session<FileRef> {
  const directory = directoryFor(request.settings.directory, request.identity);
  const root = shared(() => realpath(directory));
  // One bound for the session: a mount asks for its files one by one.
  const limit = pLimit(concurrency);
  return {
    fetch: (refs, context) => limit.map(refs, ({ name }) => outcome(root, name, context)),
    close: async () => undefined,
  };
}

/** One at a time: who asks while it is under way gets its end, who asks later gets a new one. */
function shared<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= start().finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function outcome(root: () => Promise<string>, name: string, context: CallContext): Promise<Outcome> {
  try {
    const read = () => {
      context.count("read");
      return readFileBelow(root, name);
    };
    const bytes = await untilAborted(read, context.signal, `the file ${name}`);
    const value = /\.ya?ml$/.test(name) ? Buffer.from(writeGoJson(yamlToJson(bytes, name)), "utf8") : bytes;
    return { ok: true, secret: { value: new Redacted(value) } };
  } catch (thrown) {
    return { ok: false, error: toProviderError(thrown) };
  }
}
