import { join } from "node:path";
import { Client, credentials, type ServiceDefinition, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** The kubelet's request for an ephemeral volume. */
export interface PublishRequest {
  readonly volume_id: string;
  readonly target_path: string;
  readonly volume_context: Readonly<Record<string, string>>;
}

/** A CSI driver's node service, called as the kubelet calls it. */
export interface CsiNode {
  /** Throws the driver's gRPC error. */
  publish(request: PublishRequest): Promise<void>;
  unpublish(request: Pick<PublishRequest, "volume_id" | "target_path">): Promise<void>;
  close(): void;
}

const kubeletTimeoutMs = 120_000;

/** SINGLE_NODE_READER_ONLY. */
const capability = { mount: {}, access_mode: { mode: 2 } };

/** Connects to the driver's socket on the first call. */
export function connectCsiNode(socket: string): CsiNode {
  const loaded = loadSync(join(import.meta.dirname, "csi.proto"), { keepCase: true, defaults: true });
  const service = loaded["csi.v1.Node"] as unknown as ServiceDefinition;
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  const call = async (method: "NodePublishVolume" | "NodeUnpublishVolume", request: object): Promise<void> => {
    const { path, requestSerialize, responseDeserialize } = service[method] ?? unknown(method);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (error: ServiceError | null) => (error === null ? resolve() : reject(error));
    const deadline = Date.now() + kubeletTimeoutMs;
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, end);
    return await promise;
  };
  return {
    publish: (request) => call("NodePublishVolume", { ...request, volume_capability: capability, readonly: true }),
    unpublish: (request) => call("NodeUnpublishVolume", request),
    close: () => client.close(),
  };
}

function unknown(method: string): never {
  throw new Error(`csi.proto has no ${method}`);
}
