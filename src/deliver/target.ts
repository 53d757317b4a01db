import { constants } from "node:fs";
import { type FileHandle, open, readlink, statfs } from "node:fs/promises";
import { ProviderError } from "../errors.ts";

/** Magic number of tmpfs in statfs(2). */
const tmpfs = 0x01021994;

/** Which directories Latchkey may write to. */
export interface TargetRules {
  readonly kubeletDir: string;
  readonly allowDisk: boolean;
}

/** A volume's directory, held open so that nothing done to its path can lead the writing elsewhere. */
export interface Target {
  /** Path of the open directory itself, below `/proc/self/fd`. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Opens the volume's directory for writing. It must be `<kubelet dir>/pods/<pod uid>/volumes/kubernetes.io~csi/<volume>/mount`
 * of the pod that the kubelet named, reached over no symbolic link, and a tmpfs. Throws `LK0007`.
 */
export async function openTarget(targetPath: string, podUid: string | undefined, rules: TargetRules): Promise<Target> {
  checkShape(targetPath, podUid, rules.kubeletDir);
  const handle = await open(targetPath, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(
    (error: NodeJS.ErrnoException) => {
      throw refuse(
        `the directory cannot be opened (${error.code ?? error.name})`,
        "mount the kubelet's pods directory into Latchkey, with HostToContainer propagation, and run it as root",
      );
    },
  );
  try {
    const path = `/proc/self/fd/${handle.fd}`;
    await checkPlace(path, targetPath, rules);
    return { path, close: () => handle.close() };
  } catch (error) {
    await closeQuietly(handle);
    throw error;
  }
}

function checkShape(targetPath: string, podUid: string | undefined, kubeletDir: string): void {
  if (podUid === undefined || !/^[0-9A-Za-z-]{1,64}$/.test(podUid)) {
    throw refuse(
      "the request names no pod, so there is no volume to write to",
      "use --deliver driver for callers without a pod",
    );
  }
  const prefix = `${kubeletDir.replace(/\/+$/, "")}/pods/${podUid}/volumes/kubernetes.io~csi/`;
  const volume = targetPath.startsWith(prefix) ? targetPath.slice(prefix.length) : "";
  if (!/^(?!\.{1,2}\/)[^/\0]{1,255}\/mount$/.test(volume)) {
    throw refuse(`not a volume of this pod below ${kubeletDir}`, "set --kubelet-dir to the kubelet's directory");
  }
}

async function checkPlace(path: string, targetPath: string, { allowDisk }: TargetRules): Promise<void> {
  // What the kernel says the open directory is: equal to the path asked for only where no link was followed on the way.
  if ((await readlink(path)) !== targetPath) {
    throw refuse("the path goes through a symbolic link", "mount the kubelet's directory under its real path");
  }
  if (!allowDisk && (await statfs(path)).type !== tmpfs) {
    throw refuse(
      "the directory is not a tmpfs, so secrets would be written to disk",
      "let the driver mount the volume, or set --allow-disk-target",
    );
  }
}

async function closeQuietly(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => undefined); // the error that led here is the one to tell
}

function refuse(problem: string, fix: string): ProviderError {
  return new ProviderError("LK0007", problem, { subject: "target_path", fix });
}
