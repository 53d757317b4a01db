import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { writeAtomically } from "./driver/atomic-writer.ts";
import { connectProvider, type ProviderClient } from "./driver/client.ts";
import { checkFiles } from "./driver/paths.ts";
import { podStatus, type SecretProviderClassPodStatus } from "./driver/pod-status.ts";
import { type PublishError, toPublishError } from "./driver/publish-error.ts";
import { mountRequest, type PublishOptions, targetPath } from "./driver/request.ts";
import type { MountRequest, MountResponse, VersionResponse } from "./driver/wire.ts";

export { PublishError } from "./driver/publish-error.ts";
export { mountRequest, type PublishOptions } from "./driver/request.ts";

const KUBELET_TIMEOUT_MS = 120_000;

/** The result of a publish. */
export interface Published {
  /** The volume's mount point: the pod sees what lies here. */
  readonly target: string;
  readonly remount: boolean;
  /** The versions in force; on a masked error those of the last mount that worked. */
  readonly podStatus: SecretProviderClassPodStatus;
  /** Whether the driver wrote anything; always false where the provider writes the files itself. */
  readonly changed: boolean;
  /** Who wrote the files; absent on a masked error. */
  readonly writtenBy?: "driver" | "provider";
  /** A remount failed, and nobody is told: the pod keeps its files and no event appears. */
  readonly masked?: PublishError;
}

/** The CSI driver and the kubelet of a node, as far as a provider can tell. */
export interface Driver {
  /** The health check. */
  version(provider: string): Promise<VersionResponse>;
  /** Publishes a volume. Throws a `PublishError` where a first mount fails; an error of a remount is in `masked`. */
  publish(options: PublishOptions): Promise<Published>;
  /** Ends a volume, as when its pod goes away; the provider is not told. */
  unpublish(options: PublishOptions): Promise<void>;
  /** Sends any request and answers what came back, without the driver's checks. */
  mount(provider: string, request: Partial<MountRequest>, timeoutMs?: number): Promise<MountResponse>;
  /** Sends any bytes as the request. */
  mountBytes(provider: string, request: Uint8Array, timeoutMs?: number): Promise<MountResponse>;
  close(): void;
}

/** Plays the driver for the providers whose sockets are in a directory. An independent reading of the driver's contract. */
export function createDriver(options: { socketDir: string }): Driver {
  const clients = new Map<string, ProviderClient>();
  const mounted = new Map<string, SecretProviderClassPodStatus>();
  const client = (provider: string) => {
    const known = clients.get(provider) ?? connectProvider(options.socketDir, provider);
    clients.set(provider, known);
    return known;
  };
  return {
    version: (provider) => client(provider).version(),
    publish: (request) => publish(client(request.provider), mounted, request),
    unpublish: async (request) => {
      mounted.delete(targetPath(request));
      await rm(targetPath(request), { recursive: true, force: true });
    },
    mount: (provider, request, timeoutMs = KUBELET_TIMEOUT_MS) =>
      client(provider).mount({ ...EMPTY_REQUEST, ...request }, timeoutMs),
    mountBytes: (provider, request, timeoutMs = KUBELET_TIMEOUT_MS) => client(provider).mountBytes(request, timeoutMs),
    close: () => {
      for (const known of clients.values()) known.close();
    },
  };
}

const EMPTY_REQUEST: MountRequest = {
  attributes: "",
  secrets: "",
  target_path: "",
  permission: "",
  current_object_version: [],
};

async function publish(
  client: ProviderClient,
  mounted: Map<string, SecretProviderClassPodStatus>,
  options: PublishOptions,
): Promise<Published> {
  const target = targetPath(options);
  const before = mounted.get(target);
  const wasThere = existsSync(target);
  await mkdir(target, { recursive: true });
  try {
    const published = await mountOnce(client, options, before !== undefined);
    mounted.set(target, published.podStatus);
    return published;
  } catch (thrown) {
    const error = toPublishError(thrown);
    if (before !== undefined) {
      return { target, remount: true, podStatus: before, changed: false, masked: error };
    }
    if (!wasThere) await rm(target, { recursive: true, force: true });
    throw error;
  }
}

async function mountOnce(client: ProviderClient, options: PublishOptions, remount: boolean): Promise<Published> {
  const target = targetPath(options);
  const answer = await client.mount(mountRequest(options), options.timeoutMs ?? KUBELET_TIMEOUT_MS);
  const code = answer.error?.code ?? "";
  if (code !== "") throw new Error(`mount request failed with provider error code ${code}`);
  if (answer.object_version.length === 0) throw new Error("missing object versions");
  checkFiles(answer.files);
  const writtenBy = answer.files.length === 0 ? "provider" : "driver";
  const changed = writtenBy === "driver" && (await writeAtomically(target, answer.files));
  return { target, remount, podStatus: podStatus(options, answer.object_version), changed, writtenBy };
}
