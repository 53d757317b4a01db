import { ProviderError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { RenderedFile } from "../render/render.ts";
import { writeAtomically } from "./atomic-writer.ts";
import { openTarget, type TargetRules } from "./target.ts";
import type { VolumeLocks } from "./volume-locks.ts";
import { writeError } from "./write-error.ts";

/** The reply to the driver, in the shape of the wire's `MountResponse`. */
export interface Reply {
  readonly objectVersion: readonly { readonly id: string; readonly version: string }[];
  readonly files: readonly { readonly path: string; readonly mode: number; readonly contents: Uint8Array }[];
}

/** How files reach the pod. */
export interface DeliveryRules extends TargetRules {
  /** `driver`: in the reply, and the driver writes them. `provider`: written here, and the reply holds versions only. */
  readonly by: "driver" | "provider";
  readonly maxReplyBytes: number;
  readonly locks: VolumeLocks;
}

/**
 * Most bytes of the secrets of one volume, and of its files before they are delivered: some times what a reply holds, for
 * little may be taken of large secrets; or what a process can hold.
 */
export function mostBytesOf({ by, maxReplyBytes }: DeliveryRules): number {
  return by === "driver" ? 4 * maxReplyBytes : 64 * 1024 ** 2;
}

/** Above this the driver warns, and its sync to a Kubernetes Secret fails. */
const largeReply = 1024 ** 2;

/** Gets the files of one mount to the pod, and says what to reply. */
export interface Delivery {
  readonly files: readonly RenderedFile[];
  readonly targetPath: string;
  readonly podUid: string | undefined;
  readonly rules: DeliveryRules;
  readonly log: Logger;
  readonly encode: (reply: Reply) => Buffer;
}

/** The driver refuses a reply without versions, so a volume without files has this one. */
const emptyVolume = [{ id: "latchkey", version: "empty" }] as const;

/**
 * The one file of a volume that has no other. Of a reply without files the driver takes it that they were written here, and
 * leaves what an earlier mount put there: a secret that is gone would go on being shown.
 */
const emptyMarker = {
  path: ".latchkey-empty",
  mode: 0o444,
  contents: Buffer.from("The SecretProviderClass of this volume makes no files now.\n"),
};

/** Delivers. Throws `LK0005` above the reply's limit, `LK0007` for a refused target, `LK0008` where writing fails. */
export async function deliver(delivery: Delivery): Promise<Buffer> {
  const { files, rules } = delivery;
  const versions = files.length === 0 ? emptyVolume : files.map((file) => file.version);
  if (rules.by === "provider") {
    await rules.locks.run(delivery.targetPath, () => writeFiles(delivery));
    return delivery.encode({ objectVersion: versions, files: [] });
  }
  const contents = files.reduce((sum, file) => sum + file.contents.length, 0);
  // Refused before it is built where the contents alone are too large.
  if (contents > rules.maxReplyBytes) throw tooLarge(files, contents, rules.maxReplyBytes);
  const plain =
    files.length === 0 ? [emptyMarker] : files.map(({ path, mode, contents }) => ({ path, mode, contents }));
  const reply = delivery.encode({ objectVersion: versions, files: plain });
  if (reply.length > rules.maxReplyBytes) throw tooLarge(files, reply.length, rules.maxReplyBytes);
  if (reply.length > largeReply) {
    delivery.log.warn(
      { bytes: reply.length },
      "reply above 1 MiB: the driver warns, and sync to a Kubernetes Secret fails",
    );
  }
  return reply;
}

async function writeFiles({ files, targetPath, podUid, rules }: Delivery): Promise<void> {
  const target = await openTarget(targetPath, podUid, rules);
  try {
    await writeAtomically(target.path, files);
  } catch (error) {
    throw writeError(error);
  } finally {
    await target.close();
  }
}

function tooLarge(files: readonly RenderedFile[], size: number, limit: number): ProviderError {
  const largest = [...files].sort((a, b) => b.contents.length - a.contents.length)[0];
  const hint =
    largest === undefined ? "" : `; the largest file is ${largest.path} with ${largest.contents.length} bytes`;
  return new ProviderError("LK0005", `the reply has ${size} bytes, the limit is ${limit}${hint}`, {
    fix: "mount fewer or smaller secrets in one volume, or raise --max-reply-bytes together with the driver's --max-call-recv-msg-size",
  });
}
