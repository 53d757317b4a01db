import type { Store, StoreHost } from "../store.ts";
import { fileRef } from "./ref.ts";
import { openFileSession } from "./session.ts";
import { fileSettings } from "./settings.ts";
import type { FileRef, FileSettings } from "./types.ts";

/** A directory of secrets that the operator keeps: one file a secret, JSON and YAML files are secrets of fields. */
export function createFileStore(host: StoreHost): Store<FileSettings, FileRef> {
  return {
    kind: "file",
    settings: fileSettings,
    ref: fileRef,
    nameOf: ({ name }) => name,
    local: true,
    endpoint: ({ directory }) => directory,
    audience: () => undefined,
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: () => "token",
    needs: () => [],
    open: async (request) => openFileSession(request, host.concurrency),
    shutdown: async () => undefined,
  };
}
