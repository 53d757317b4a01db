import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { LeasedPod } from "./leased-login.ts";

/** Tells whether a pod is there; undefined where that cannot be known now. */
export type PodIsThere = (pod: LeasedPod) => Promise<boolean | undefined>;

const uidForm = /^[0-9A-Za-z-]{1,64}$/;

/**
 * Asks the kubelet's directory of pods, where it is mounted into Latchkey: the kubelet removes a pod's when the pod has ended.
 * It says "no" only of a pod that it has shown before: a directory that is not the kubelet's tells nothing.
 */
export function podDirectory(kubeletDir: string): PodIsThere {
  const pods = join(kubeletDir, "pods");
  const shown = new Set<string>();
  return async ({ uid }) => {
    if (!uidForm.test(uid)) return undefined;
    const isThere = await exists(join(pods, uid));
    if (isThere === true) shown.add(uid);
    if (isThere !== false || !shown.has(uid) || (await exists(pods)) !== true)
      return isThere === true ? true : undefined;
    shown.delete(uid);
    return false;
  };
}

/** Undefined where that cannot be seen. */
async function exists(path: string): Promise<boolean | undefined> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? false : undefined;
  }
}
