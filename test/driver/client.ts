import { join } from "node:path";
import { Client, credentials, Metadata, type MethodDefinition } from "@grpc/grpc-js";
import { loadService, type MountRequest, type MountResponse, type VersionResponse } from "./wire.ts";

const MAX_REPLY_BYTES = 4 * 1024 * 1024;
const VERSION_TIMEOUT_MS = 5_000;
const PROVIDER_NAME = /^[a-zA-Z0-9_-]{0,30}$/;

/** The driver's one connection to one provider. */
export interface ProviderClient {
  /** The driver's health check, within 5 s. */
  version(): Promise<VersionResponse>;
  mount(request: MountRequest, timeoutMs: number): Promise<MountResponse>;
  /** Sends these bytes as the request, whatever they are. */
  mountBytes(request: Uint8Array, timeoutMs: number): Promise<MountResponse>;
  close(): void;
}

/** Connects as the driver does: authority, wait-for-ready, retries on UNAVAILABLE only, replies of 4 MiB at most. */
export function connectProvider(socketDir: string, provider: string): ProviderClient {
  if (!PROVIDER_NAME.test(provider))
    throw new Error(`the driver refuses the provider name ${JSON.stringify(provider)}`);
  const client = new Client(`unix:${join(socketDir, `${provider}.sock`)}`, credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
    "grpc.service_config": JSON.stringify(serviceConfig()),
    "grpc.max_receive_message_length": MAX_REPLY_BYTES,
    "grpc.max_send_message_length": -1,
  });
  const { Version, Mount } = loadService();
  const rawMount = { ...Mount, requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes) };
  return {
    version: () => call(client, Version, { version: "v1alpha1" }, VERSION_TIMEOUT_MS),
    mount: (request, timeoutMs) => call(client, Mount, request, timeoutMs),
    mountBytes: (request, timeoutMs) => call(client, rawMount, request, timeoutMs),
    close: () => client.close(),
  };
}

function serviceConfig(): object {
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "1s",
    maxBackoff: "10s",
    backoffMultiplier: 1.1,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  const name = [{ service: "v1alpha1.CSIDriverProvider" }];
  return { methodConfig: [{ name, waitForReady: true, retryPolicy }] };
}

function call<Q, A>(
  client: Client,
  method: Pick<MethodDefinition<Q, A>, "path" | "requestSerialize" | "responseDeserialize">,
  request: Q,
  timeoutMs: number,
): Promise<A> {
  const { promise, resolve, reject } = Promise.withResolvers<A>();
  const { path, requestSerialize, responseDeserialize } = method;
  const metadata = new Metadata({ waitForReady: true });
  const options = { deadline: Date.now() + timeoutMs };
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, (error, answer) => {
    if (error !== null) reject(error);
    else if (answer === undefined) reject(new Error(`${path} answered nothing`));
    else resolve(answer);
  });
  return promise;
}
