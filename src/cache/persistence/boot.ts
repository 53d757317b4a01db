import { readFile } from "node:fs/promises";

/** The kernel's id of this boot, the same for every process and container until the next boot (random(4)). */
export async function readBootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}
