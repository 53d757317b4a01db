import { LRUCache } from "lru-cache";
import type { WireRequest } from "./request.ts";

/** When this process first mounted each volume, by `Clock.now`, as long as it remembers. */
export class MountedTargets {
  readonly #since = new LRUCache<string, number>({ max: 20_000 });

  /** Returns the time of a volume's first mount; undefined for one that is not mounted yet. */
  since(targetPath: string): number | undefined {
    return this.#since.get(targetPath);
  }

  /** Notes that a volume is mounted. */
  note(targetPath: string, now: number): void {
    this.#since.set(targetPath, this.#since.get(targetPath) ?? now);
  }

  /** Decides by the driver's word whether a volume has files; where it gives none, by what this process has mounted. */
  isRemount({ currentObjectVersion, targetPath }: WireRequest): boolean {
    return this.#since.has(targetPath) || (currentObjectVersion?.length ?? 0) > 0;
  }
}
