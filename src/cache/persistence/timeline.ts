import type { Entry, Held } from "../entries.ts";
import { BadFile } from "./bad-file.ts";
import type { Stamp } from "./stored.ts";

/** So far may wall clocks be off before they are not believed, in milliseconds. */
const leeway = 60_000;

/** This boot and both its clocks. */
export interface Present {
  readonly boot: string;
  readonly now: number;
  readonly wall: number;
}

/**
 * Brings times of stored files into this boot's monotonic time. Within a boot they are that already. Another boot's are
 * taken by the wall clock, which counts only from that boot's last stamp on; the older of two possible ages is
 * believed, and nothing at all where the wall clock has been seen later than it is now.
 */
export class Timeline {
  readonly #present: Present;
  readonly #acrossBoots: boolean;
  readonly #lastOfBoot = new Map<string, Stamp>();
  readonly #highestSeen: number;

  constructor(present: Present, stamps: readonly Stamp[], acrossBoots: boolean) {
    this.#present = present;
    this.#acrossBoots = acrossBoots;
    this.#highestSeen = stamps.reduce((highest, { highestWall }) => Math.max(highest, highestWall), present.wall);
    for (const stamp of stamps) {
      const last = this.#lastOfBoot.get(stamp.boot);
      if (last === undefined || stamp.savedAt > last.savedAt) this.#lastOfBoot.set(stamp.boot, stamp);
    }
  }

  /** The wall time to remember as the latest; it starts anew if the clock has stepped back. */
  get highestWall(): number {
    return this.#hasSteppedBack ? this.#present.wall : this.#highestSeen;
  }

  /** When a file was written, in this boot's time. Throws `BadFile`: otherBoot or future. */
  savedAt(stamp: Stamp): number {
    const at = stamp.savedAt + this.#shift(stamp);
    if (at > this.#present.now) throw new BadFile("future");
    return at;
  }

  /** An entry in this boot's time. Throws `BadFile`: otherBoot, future or expired. */
  place<V>(stamp: Stamp, entry: Entry<V>): Entry<V> {
    const shift = Math.min(this.#shift(stamp), this.#shiftByFetch(stamp, entry));
    const fetchedAt = entry.fetchedAt + shift;
    if (fetchedAt > this.#present.now) throw new BadFile("future");
    const expiresAt = entry.expiresAt === undefined ? undefined : entry.expiresAt + shift;
    if (expiresAt !== undefined && expiresAt <= this.#present.now) throw new BadFile("expired");
    const held = entry.held && movedHeld(entry.held, shift);
    const pending = entry.pending && { since: entry.pending.since + shift };
    return { ...entry, fetchedAt, freshUntil: entry.freshUntil + shift, expiresAt, held, pending };
  }

  get #hasSteppedBack(): boolean {
    return this.#highestSeen > this.#present.wall + leeway;
  }

  #shift(stamp: Stamp): number {
    if (stamp.boot === this.#present.boot) return 0;
    if (!this.#acrossBoots) throw new BadFile("otherBoot");
    if (this.#hasSteppedBack) throw new BadFile("future");
    const last = this.#lastOfBoot.get(stamp.boot) ?? stamp;
    return this.#present.now - this.#since(last.savedWall) - last.savedAt;
  }

  /** The same by the wall time of fetching alone. */
  #shiftByFetch(stamp: Stamp, { fetchedAt, fetchedWall }: Entry<unknown>): number {
    if (stamp.boot === this.#present.boot) return 0;
    return this.#present.now - this.#since(fetchedWall) - fetchedAt;
  }

  #since(wall: number): number {
    if (wall > this.#present.wall + leeway) throw new BadFile("future");
    return Math.max(0, this.#highestSeen - wall);
  }
}

function movedHeld<V>({ value, fetchedAt, since, until }: Held<V>, shift: number): Held<V> {
  return { value, fetchedAt: fetchedAt + shift, since: since + shift, until: until + shift };
}
