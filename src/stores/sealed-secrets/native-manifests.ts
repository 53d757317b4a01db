import type { NativeManifest } from "../definition.ts";
import { type Manifest, readManifests } from "./manifest.ts";

/** The SealedSecrets of a text in the native form: each key becomes a file of its name, with the same bytes. */
export function nativeManifests(text: string): readonly NativeManifest[] {
  return readManifests(text).map((manifest) => ({
    name: manifest.name,
    namespace: manifest.namespace,
    secret: {
      name: manifest.name,
      scope: manifest.scope === "strict" ? undefined : manifest.scope,
      encryptedData: Object.fromEntries(manifest.encryptedData),
      expand: { path: "" },
    },
    notes: notesOf(manifest),
  }));
}

function notesOf({ name, scope, namespace, type, templated }: Manifest): readonly string[] {
  const isTyped = type !== undefined && type !== "Opaque";
  return [
    ...(scope === "strict" ? [`${name}: only a SealedSecret of this name in this namespace can be opened`] : []),
    ...(namespace === undefined && scope !== "cluster-wide"
      ? [`${name}: put it into the namespace that it was sealed for`]
      : []),
    ...(isTyped
      ? [`${name}: the pod gets files; where something needs a Secret of the type ${type}, add kubernetesSecrets`]
      : []),
    ...(templated.length === 0
      ? []
      : [`${name}: spec.template.data is not taken over (${templated.join(", ")}); write it as templates`]),
  ];
}
