import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { nearest } from "../nearest.ts";
import { type Fields, fieldsOf, itemsOf, notTextOf, textOf } from "./kubernetes-objects.ts";

/** A pod's volume of the driver. */
export interface CsiVolume {
  readonly name: string;
  readonly className: string;
  readonly classAt: YamlPosition;
  /** Why it names no SecretProviderClass. */
  readonly wrongClass: { readonly at?: YamlPosition; readonly message: string; readonly fix: string } | undefined;
  /** It names the Secret that logins can take credentials from. */
  readonly hasCredentials: boolean;
  readonly readOnly: boolean;
  /** Of `readOnly`, or of the volume. */
  readonly at: YamlPosition;
}

/** The containers of a pod's spec, those that start before the others too. */
export function containersOf(pod: Fields): readonly YamlNode[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((name) => itemsOf(pod.get(name)?.value));
}

/** Reads a volume; none where it is not the driver's. */
export function readVolume(node: YamlNode): readonly CsiVolume[] {
  const fields = fieldsOf(node);
  const csi = fields.get("csi")?.value;
  const own = fieldsOf(csi);
  if (csi === undefined || textOf(own, "driver") !== "secrets-store.csi.k8s.io") return [];
  const attributes = fieldsOf(own.get("volumeAttributes")?.value);
  const readOnly = own.get("readOnly")?.value;
  return [
    {
      name: textOf(fields, "name"),
      className: textOf(attributes, classKey),
      classAt: attributes.get(classKey)?.value.at ?? csi.at,
      wrongClass: wrongClassOf(attributes),
      hasCredentials: textOf(fieldsOf(own.get("nodePublishSecretRef")?.value), "name") !== "",
      readOnly: readOnly?.kind === "scalar" && readOnly.text === "true",
      at: readOnly?.at ?? csi.at,
    },
  ];
}

const classKey = "secretProviderClass";

function wrongClassOf(attributes: Fields): CsiVolume["wrongClass"] {
  const wrong = notTextOf(attributes, classKey);
  if (wrong !== undefined) return { ...wrong, message: `${classKey} ${wrong.message}` };
  if (textOf(attributes, classKey) !== "") return undefined;
  const message = "it names no SecretProviderClass";
  const written = [...attributes].find(([name]) => name !== classKey && nearest(name, [classKey]) !== undefined);
  if (written === undefined) return { message, fix: `write volumeAttributes: { ${classKey}: ... }` };
  const [name, { at }] = written;
  return { at, message, fix: `rename ${JSON.stringify(name)} to ${classKey}` };
}
