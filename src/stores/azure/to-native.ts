import type { NativeFields, NativeStore, ToNative } from "../to-native.ts";
import type { AzureRef, AzureSettings } from "./types.ts";

/** Returns how the settings and refs of an Azure store are written in the native dialect. */
export function azureToNative(kind: string): ToNative<AzureSettings, AzureRef> {
  return { store: (settings) => nativeStore(kind, settings), ref: nativeRef };
}

function nativeStore(kind: string, { vault, cloud, tenant, identity }: AzureSettings): NativeStore {
  const fields = {
    kind,
    vault,
    cloud: cloud === "AzurePublicCloud" ? undefined : cloud,
    tenant,
    clientId: "clientId" in identity ? identity.clientId : undefined,
    auth: identity.by === "workloadIdentity" ? undefined : identity.by,
  };
  return { fields, notes: [] };
}

function nativeRef({ type, name, version, back, since }: AzureRef): NativeFields {
  return {
    name,
    type: type === "secret" ? undefined : type,
    version: version ?? (back === 1 && since === undefined ? "previous" : since),
    back: back === undefined || (back === 1 && since === undefined) ? undefined : back,
  };
}
