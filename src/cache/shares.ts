import { type Kept, Room } from "./room.ts";

/**
 * Everything that namespaces keep within one bound of bytes. Where it is passed, the namespace that holds most gives up first: with N
 * namespaces, one that holds no more than the Nth part loses nothing.
 */
export class Shares<E extends Kept> {
  readonly #most: number;
  readonly #rooms = new Map<string, Room<E>>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** The bytes of all together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many they are. */
  get size(): number {
    let size = 0;
    for (const room of this.#rooms.values()) size += room.size;
    return size;
  }

  /** Returns what a namespace has by a key, which is now what it used last. */
  get(namespace: string, key: string): E | undefined {
    return this.#rooms.get(namespace)?.get(key);
  }

  /** Adds something whose key is not there. */
  add(namespace: string, entry: E): void {
    const room = this.#rooms.get(namespace) ?? new Room<E>();
    this.#rooms.set(namespace, room);
    room.add(entry);
    this.#bytes += entry.bytes;
  }

  /** Takes something out and returns it; undefined if it was not there. */
  delete(namespace: string, key: string): E | undefined {
    const room = this.#rooms.get(namespace);
    const entry = room?.delete(key);
    if (room === undefined || entry === undefined) return undefined;
    if (room.size === 0) this.#rooms.delete(namespace);
    this.#bytes -= entry.bytes;
    return entry;
  }

  /** Puts an entry of the same size in the place of one that is there: it stays as long as that one would have. */
  replace(namespace: string, entry: E): void {
    if (this.delete(namespace, entry.key) !== undefined) this.add(namespace, entry);
  }

  /** All of them, in no order. */
  all(): readonly E[] {
    return [...this.#rooms.values()].flatMap((room) => room.all());
  }

  /** Returns the issued ones that ended by `now`. */
  expired(now: number): readonly E[] {
    return [...this.#rooms.values()].flatMap((room) => room.expired(now));
  }

  /** Takes out what is too much, and returns it. */
  makeRoom(): readonly E[] {
    const gone: E[] = [];
    while (this.#bytes > this.#most) {
      const [namespace, room] = [...this.#rooms].reduce((one, other) => (other[1].bytes > one[1].bytes ? other : one));
      const first = room.firstToGo();
      if (first === undefined) break;
      this.delete(namespace, first.key);
      gone.push(first);
    }
    return gone;
  }
}
