import type { NativeFields, NativeStore, ToNative } from "../to-native.ts";
import { numberForm } from "./names.ts";
import type { GcpRef, GcpSettings } from "./types.ts";

/** Returns how the settings and refs of a store of Google Cloud are written in the native dialect. */
export function gcpToNative(kind: string): ToNative<GcpSettings, GcpRef> {
  return { store: (settings) => nativeStore(kind, settings), ref: nativeRef };
}

function nativeStore(kind: string, { project, location, identity }: GcpSettings): NativeStore {
  const place = { kind, project, location: location === "global" ? undefined : location };
  if (identity.by !== "pod") {
    const notes = identity.by === "provider" ? ["auth: provider is for the operator's profiles: have one made"] : [];
    return { fields: { ...place, auth: identity.by }, notes };
  }
  const { impersonate, pool } = identity;
  const fields = {
    ...place,
    impersonate: impersonate.by === "account" ? impersonate.account : impersonate.by === "nobody" ? "none" : undefined,
    delegates: impersonate.by === "account" && impersonate.delegates.length > 0 ? impersonate.delegates : undefined,
    identityPool: pool?.kind === "cluster" ? pool.id : undefined,
    identityProvider: pool?.kind === "cluster" ? pool.provider : undefined,
    workloadIdentityProvider: pool?.kind === "federation" ? pool.resource : undefined,
  };
  const notes =
    identity.keyFile === "preferred"
      ? ["a key file in nodePublishSecretRef is not used; write auth: keyFile for one"]
      : [];
  return { fields, notes };
}

function nativeRef(ref: GcpRef): NativeFields {
  if (ref.service === "parametermanager") {
    return { name: nameOf(ref.project, "parameters", ref.parameter), version: ref.version };
  }
  const { project, secret, version, previous } = ref;
  const name = nameOf(project, "secrets", secret);
  if (previous) return { name, version: "previous" };
  if (version === "latest") return { name };
  return numberForm.test(version) ? { name, version } : { name, alias: version };
}

function nameOf(project: string | undefined, kind: string, name: string): string {
  return project === undefined ? name : `projects/${project}/${kind}/${name}`;
}
