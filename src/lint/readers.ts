import { modeText } from "../dialects/mode-bits.ts";
import { quoted } from "../plan/problems.ts";
import { type Fields, fieldsOf, itemsOf } from "./kubernetes-objects.ts";

/** As whom a container reads the files of its volumes; undefined where the manifest does not say that it is not root. */
export interface Reader {
  /** Undefined where only the image knows. */
  readonly user: number | undefined;
  /** `image`: the manifest names no primary group, and the image's may be root's. */
  readonly rootGroup: "yes" | "no" | "image";
}

/** A file of a volume, which belongs to root. */
interface File {
  readonly path: string;
  readonly mode: number;
}

/**
 * Reads the security contexts of a pod's spec and of one of its containers, which goes first
 * (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/).
 */
export function readerOf(pod: Fields, container: Fields): Reader | undefined {
  const [ofPod, own] = [pod, container].map((fields) => fieldsOf(fields.get("securityContext")?.value));
  const first = (name: string) => scalarOf(own, name) ?? scalarOf(ofPod, name);
  const user = numberOf(first("runAsUser"));
  if (user === 0 || (user === undefined && first("runAsNonRoot") !== "true")) return undefined;
  const group = numberOf(first("runAsGroup"));
  const others = itemsOf(ofPod?.get("supplementalGroups")?.value).map((node) =>
    numberOf(node.kind === "scalar" ? node.text : undefined),
  );
  const groups = [group, numberOf(scalarOf(ofPod, "fsGroup")), ...others];
  return { user, rootGroup: groups.includes(0) ? "yes" : group === undefined ? "image" : "no" };
}

function scalarOf(fields: Fields | undefined, name: string): string | undefined {
  const node = fields?.get(name)?.value;
  return node?.kind === "scalar" ? node.text : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Complains about files that the reader cannot read; undefined if there are none, or if the reader may be root. */
export function unreadable(
  files: readonly File[],
  reader: Reader | undefined,
): { readonly message: string; readonly fix: string } | undefined {
  if (reader === undefined) return undefined;
  const isRead = ({ mode }: File) => (mode & 0o004) !== 0 || (reader.rootGroup === "yes" && (mode & 0o040) !== 0);
  const [first, ...more] = files.filter((file) => !isRead(file));
  if (first === undefined) return undefined;
  const user = reader.user === undefined ? "a user that is not root" : `user ${reader.user}`;
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  const unless = reader.rootGroup === "image" && (first.mode & 0o040) !== 0 ? " unless its group is 0" : "";
  const mode = modeText(first.mode);
  const message = `${user} cannot read ${quoted(first.path)} (mode ${mode})${others}${unless}: the volume's files belong to root, whatever fsGroup says`;
  return { message, fix: fixFor(reader, first.mode) };
}

function fixFor({ rootGroup }: Reader, mode: number): string {
  if (rootGroup === "yes") return "give the file mode 0440";
  const group = "have the pod join group 0 (securityContext.supplementalGroups: [0])";
  return (mode & 0o040) === 0
    ? `give the file mode 0444; or 0440, and ${group}`
    : `give the file mode 0444, or ${group}`;
}
