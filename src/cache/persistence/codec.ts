import type { Entry } from "../entries.ts";
import { BadFile } from "./bad-file.ts";
import type { EntryHeader } from "./stored.ts";

/** How values are written and read. What it throws makes an entry unusable and is never shown. */
export interface Codec<V> {
  encode(value: V): Uint8Array;
  decode(bytes: Uint8Array): V;
}

/** An entry as what is told of it and its values' bytes. */
export function splitEntry<V>(
  { value, held, ...rest }: Entry<V>,
  codec: Codec<V>,
): { readonly header: EntryHeader; readonly body: Uint8Array } {
  const bytes = codec.encode(value);
  const header = { ...rest, valueBytes: bytes.length };
  if (held === undefined) return { header, body: bytes };
  return {
    header: { ...header, heldFetchedAt: held.fetchedAt, heldSince: held.since, heldUntil: held.until },
    body: Buffer.concat([bytes, codec.encode(held.value)]),
  };
}

/** The entry again. Throws `BadFile` where header and bytes do not fit, and what the codec throws. */
export function joinEntry<V>(header: EntryHeader, body: Uint8Array, codec: Codec<V>): Entry<V> {
  const { valueBytes, heldFetchedAt, heldSince, heldUntil, ...rest } = header;
  if (heldUntil === undefined ? valueBytes !== body.length : valueBytes > body.length) throw new BadFile("unreadable");
  const entry = { ...rest, value: codec.decode(body.subarray(0, valueBytes)) };
  if (heldUntil === undefined || heldSince === undefined || heldFetchedAt === undefined) return entry;
  const value = codec.decode(body.subarray(valueBytes));
  return { ...entry, held: { value, fetchedAt: heldFetchedAt, since: heldSince, until: heldUntil } };
}
