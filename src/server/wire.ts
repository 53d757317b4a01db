import { loadPackageDefinition } from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import descriptor from "./v1alpha1/descriptor.json" with { type: "json" };
import type { ProtoGrpcType } from "./v1alpha1/provider.ts";
import type { CSIDriverProviderDefinition } from "./v1alpha1/v1alpha1/CSIDriverProvider.ts";
import type { MountResponse, MountResponse__Output } from "./v1alpha1/v1alpha1/MountResponse.ts";

/** The driver's provider API, ready to be served. */
export interface Wire {
  readonly service: CSIDriverProviderDefinition;
  /** A reply as it goes over the wire, so that its exact size is known before anything is sent. */
  encodeReply(reply: MountResponse): Buffer;
}

/** Builds the service from the generated descriptor (`npm run generate`). */
export function createWire(): Wire {
  const definition = fromJSON(descriptor as Parameters<typeof fromJSON>[0], { defaults: true, arrays: true });
  const { service } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).v1alpha1.CSIDriverProvider;
  const encode = service.Mount.responseSerialize;
  return { service, encodeReply: (reply) => encode(reply as MountResponse__Output) };
}
