import type { StoreHost } from "../host.ts";
import type { Store } from "../store.ts";
import { fileRef } from "./ref.ts";
import { describe, fileSearch } from "./search.ts";
import { openFileSession } from "./session.ts";
import { fileSettings } from "./settings.ts";
import type { FileRef, FileSearch, FileSettings } from "./types.ts";

/** A directory of secrets that the operator keeps: one file a secret, JSON and YAML files are secrets of fields. */
export function createFileStore(host: StoreHost): Store<FileSettings, FileRef, FileSearch> {
  return {
    kind: "file",
    settings: fileSettings,
    ref: fileRef,
    search: fileSearch,
    nameOf: (ref) => ("prefix" in ref ? describe(ref.prefix) : ref.name),
    isLocal: () => true,
    endpoint: ({ directory }) => directory,
    place: ({ directory }) => directory,
    audience: () => undefined,
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: () => "token",
    needs: () => [],
    open: async (request) => openFileSession(request, host.concurrency),
    shutdown: async () => undefined,
  };
}
