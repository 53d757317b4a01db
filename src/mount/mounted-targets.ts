import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import type { RecordKeeper } from "../record-keeper.ts";
import type { WireRequest } from "./request.ts";

/** Name of the record in the cache directory. */
const recordName = "mounted";

/** More volumes than a node has, with those of pods that are gone. */
const mostTargets = 20_000;

/** The volumes that are written down: those that were mounted last. */
const mostKept = 2_000;

/** Changes are written together, after so many milliseconds. */
const writeAfter = 1_000;

/** Since when each target has the newest of everything: a version that came later may wait for it, one from before it has had. */
export class MountedTargets {
  readonly #clock: Clock;
  readonly #keeper: RecordKeeper | undefined;
  /** By `Clock.now`. */
  readonly #mounted = new LRUCache<string, number>({ max: mostTargets });
  #cancelWrite: (() => void) | undefined;

  /** `keeper` keeps them over a restart. */
  constructor(clock: Clock, keeper?: RecordKeeper) {
    this.#clock = clock;
    this.#keeper = keeper;
  }

  /** Takes what an earlier process of this node had mounted. */
  async load(): Promise<void> {
    const bytes = await this.#keeper?.loadRecord(recordName);
    const moved = this.#clock.now() - this.#clock.wall();
    for (const [target, wall] of bytes === undefined ? [] : readRecord(bytes)) this.#mounted.set(target, wall + moved);
  }

  /** Returns when a target was first mounted, or took the newest later; undefined for one that is not mounted yet, as far as is known. */
  since(target: string): number | undefined {
    return this.#mounted.get(target);
  }

  /** Decides by the driver's word whether a target has files; where it gives none, by what was mounted. */
  isRemount({ currentObjectVersion, targetPath }: WireRequest): boolean {
    return this.#mounted.has(targetPath) || (currentObjectVersion?.length ?? 0) > 0;
  }

  /** Notes that a target is mounted. */
  add(target: string): void {
    if (!this.#mounted.has(target)) this.#set(target, this.#clock.now());
  }

  /** Notes that a target took everything that had come by `at`: it never goes back, whatever its SecretProviderClass says then. */
  took(target: string, at: number): void {
    if (at > (this.#mounted.get(target) ?? Number.POSITIVE_INFINITY)) this.#set(target, at);
  }

  /** Writes down what is not written yet. */
  async close(): Promise<void> {
    if (this.#cancelWrite === undefined) return;
    this.#cancelWrite();
    await this.#write();
  }

  #set(target: string, at: number): void {
    this.#mounted.set(target, at);
    if (this.#keeper === undefined) return;
    this.#cancelWrite ??= this.#clock.after(writeAfter, () => void this.#write());
  }

  async #write(): Promise<void> {
    this.#cancelWrite = undefined;
    const moved = this.#clock.wall() - this.#clock.now();
    const latest = [...this.#mounted.entries()].slice(0, mostKept).map(([target, at]) => [target, at + moved]);
    await this.#keeper?.saveRecord(recordName, Buffer.from(JSON.stringify(latest.toReversed())));
  }
}

/** The seal around it vouches for what it holds; another version may have written another form. */
function readRecord(bytes: Uint8Array): readonly (readonly [string, number])[] {
  const record: unknown = JSON.parse(Buffer.from(bytes).toString());
  return Array.isArray(record) ? record.filter(isTimed) : [];
}

function isTimed(each: unknown): each is [string, number] {
  return Array.isArray(each) && typeof each[0] === "string" && typeof each[1] === "number";
}
