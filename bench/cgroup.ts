import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = "/sys/fs/cgroup";

/** Bounds that the kernel holds a process to, as the kubelet sets them. */
export interface Bounds {
  readonly milliCpu?: number;
  readonly memoryMiB?: number;
}

/** A control group of our own. */
export interface Cgroup {
  /** A shell command that puts what it then becomes into the group. */
  readonly enter: string;
  /** How many processes the kernel ended for want of memory. */
  oomKills(): Promise<number>;
  /** The most memory that all processes of the group had together, in MiB, files that the kernel keeps for them too. */
  peakMiB(): Promise<number>;
  /** Takes the group away; nothing may run in it. */
  remove(): Promise<void>;
}

/** A group with these bounds, of version 1 or 2; undefined where groups cannot be made here. */
export async function makeCgroup(bounds: Bounds): Promise<Cgroup | undefined> {
  const name = `latchkey-bench-${process.pid}`;
  const isUnified = existsSync(join(root, "cgroup.controllers"));
  const directories = isUnified ? [join(root, name)] : ["cpu", "memory"].map((kind) => join(root, kind, name));
  try {
    for (const directory of directories) await mkdir(directory, { recursive: true });
    for (const [file, value] of isUnified ? filesOf2(bounds) : filesOf1(bounds, name)) {
      await writeFile(join(root, isUnified ? name : "", file), value);
    }
  } catch {
    // Not root, or the controllers are another's.
    return undefined;
  }
  const [oomFile = ""] = isUnified
    ? [join(root, name, "memory.events")]
    : [join(root, "memory", name, "memory.oom_control")];
  const peakFile = isUnified
    ? join(root, name, "memory.peak")
    : join(root, "memory", name, "memory.max_usage_in_bytes");
  return {
    enter: directories.map((directory) => `echo $$ > ${directory}/cgroup.procs`).join(" && "),
    oomKills: async () => Number(/^oom_kill (\d+)$/m.exec(await readFile(oomFile, "utf8"))?.[1] ?? 0),
    peakMiB: async () => Number(await readFile(peakFile, "utf8")) / 1024 ** 2,
    remove: async () => {
      for (const directory of directories) await rmdir(directory);
    },
  };
}

const period = 100_000;
type Setting = readonly [file: string, value: string];

function filesOf1({ milliCpu, memoryMiB }: Bounds, name: string): readonly Setting[] {
  return [
    ...(milliCpu === undefined ? [] : [[`cpu/${name}/cpu.cfs_quota_us`, `${(milliCpu * period) / 1_000}`] as const]),
    ...(memoryMiB === undefined ? [] : [[`memory/${name}/memory.limit_in_bytes`, `${memoryMiB}M`] as const]),
  ];
}

function filesOf2({ milliCpu, memoryMiB }: Bounds): readonly Setting[] {
  return [
    ...(milliCpu === undefined ? [] : [["cpu.max", `${(milliCpu * period) / 1_000} ${period}`] as const]),
    ...(memoryMiB === undefined ? [] : [["memory.max", `${memoryMiB}M`] as const]),
  ];
}
