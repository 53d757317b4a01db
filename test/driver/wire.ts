import { fileURLToPath } from "node:url";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** One entry of a pod's versions. */
export interface ObjectVersion {
  readonly id: string;
  readonly version: string;
}

/** The driver's request to `Mount`. */
export interface MountRequest {
  readonly attributes: string;
  readonly secrets: string;
  readonly target_path: string;
  readonly permission: string;
  readonly current_object_version: readonly ObjectVersion[];
}

/** One file of an answer. */
export interface MountFile {
  readonly path: string;
  readonly mode: number;
  readonly contents: Buffer;
}

/** A provider's answer to `Mount`. */
export interface MountResponse {
  readonly object_version: readonly ObjectVersion[];
  readonly error: { readonly code: string } | null;
  readonly files: readonly MountFile[];
}

/** A provider's answer to `Version`. */
export interface VersionResponse {
  readonly version: string;
  readonly runtime_name: string;
  readonly runtime_version: string;
}

/** The service as grpc-js takes it, read from `proto/provider.proto`. */
export interface ProviderService extends ServiceDefinition {
  readonly Version: MethodDefinition<{ version: string }, VersionResponse>;
  readonly Mount: MethodDefinition<MountRequest, MountResponse>;
}

/** Reads the protocol's definition; field names stay as they are in the file. */
export function loadService(): ProviderService {
  const file = fileURLToPath(new URL("../../proto/provider.proto", import.meta.url));
  const loaded = loadSync(file, { keepCase: true, defaults: true, longs: Number });
  return loaded["v1alpha1.CSIDriverProvider"] as unknown as ProviderService;
}
