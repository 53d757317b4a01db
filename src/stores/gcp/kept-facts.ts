import { toProviderError } from "../../errors.ts";
import type { RecordKeeper } from "../../record-keeper.ts";
import type { ReadMetadata } from "./metadata.ts";
import { projectForm } from "./names.ts";

/**
 * Reads facts about the cluster, which hold as long as the node does: what the metadata server told is kept over a restart, and
 * stands in for it while it is away. Never for tokens. `keeper` is asked for at each read, for stores can be there before it.
 */
export function keptFacts(read: ReadMetadata, keeper: () => RecordKeeper | undefined): ReadMetadata {
  return async (path, signal) => {
    const record = `gcp metadata ${path}`;
    try {
      const told = await read(path, signal);
      // What cannot be a fact is judged by whoever asked, and is not remembered.
      if (projectForm.test(told)) await keeper()?.saveRecord(record, Buffer.from(told));
      return told;
    } catch (thrown) {
      const error = toProviderError(thrown);
      const kept = error.id === "LK0030" ? await keeper()?.loadRecord(record) : undefined;
      if (kept === undefined) throw error;
      return Buffer.from(kept).toString("utf8");
    }
  };
}
