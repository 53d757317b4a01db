import * as z from "zod";
import type { Entry } from "../entries.ts";
import { BadFile } from "./bad-file.ts";
import type { Sealer } from "./sealer.ts";

const stamp = z.strictObject({
  boot: z.string(),
  savedAt: z.number(),
  savedWall: z.number(),
  highestWall: z.number(),
});

const entryHeader = z.strictObject({
  key: z.string(),
  about: z.strictObject({
    namespace: z.string(),
    serviceAccount: z.string(),
    store: z.string(),
    name: z.string(),
    ref: z.string(),
    place: z.string(),
    endpoint: z.string(),
    login: z.string(),
  }),
  bytes: z.number(),
  fetchedAt: z.number(),
  fetchedWall: z.number(),
  freshUntil: z.number(),
  expiresAt: z.number().optional(),
  immutable: z.boolean(),
  issued: z.boolean(),
  pending: z.strictObject({ since: z.number() }).optional(),
  valueBytes: z.int().nonnegative(),
  heldFetchedAt: z.number().optional(),
  heldSince: z.number().optional(),
  heldUntil: z.number().optional(),
}) satisfies z.ZodType<EntryHeader>;

const header = z.union([
  z.strictObject({ kind: z.literal("entry"), stamp, entry: entryHeader }),
  z.strictObject({ kind: z.literal("record"), stamp, record: z.string() }),
]);

/** When a file was written, by both clocks, and the latest that the wall clock had shown by then. */
export type Stamp = Readonly<z.infer<typeof stamp>>;

/** An entry without its values: those are the body, the held one after `valueBytes` of the other. */
export interface EntryHeader extends Omit<Entry<never>, "value" | "held"> {
  readonly valueBytes: number;
  readonly heldFetchedAt?: number | undefined;
  readonly heldSince?: number | undefined;
  readonly heldUntil?: number | undefined;
}

/** A file's description of itself. */
export type Header =
  | { readonly kind: "entry"; readonly stamp: Stamp; readonly entry: EntryHeader }
  | { readonly kind: "record"; readonly stamp: Stamp; readonly record: string };

/** A file's header and, as bytes, what it keeps. */
export interface Stored {
  readonly header: Header;
  readonly body: Uint8Array;
}

const lengthSize = 4;

/** Names of files of the cache: two kinds, and those that were never finished. */
export const fileName = /^(?:[0-9a-f]{64}\.(?:entry|record)|[0-9a-f]{32}-\d+\.part)$/;

function fileOf(sealer: Sealer, stored: Header): string {
  return sealer.nameOf(stored.kind, stored.kind === "entry" ? stored.entry.key : stored.record);
}

/** Whole contents of the file for a header and its body. */
export function writeStored(sealer: Sealer, { header: fileHeader, body }: Stored): Buffer {
  const text = Buffer.from(JSON.stringify(fileHeader));
  const length = Buffer.alloc(lengthSize);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([length, text, body]);
  const sealed = sealer.seal(fileOf(sealer, fileHeader), identityOf(sealer, fileHeader), plain);
  plain.fill(0);
  return sealed;
}

/** Reads what the file `name` held. Throws `BadFile`. */
export function readStored(sealer: Sealer, name: string, contents: Buffer): Stored {
  const { plain, identity } = sealer.open(name, contents);
  const bodyAt = lengthSize + (plain.length < lengthSize ? 0 : plain.readUInt32BE());
  if (bodyAt > plain.length) throw new BadFile("unreadable");
  const parsed = header.safeParse(parseJson(plain.toString("utf8", lengthSize, bodyAt)));
  if (!parsed.success) throw new BadFile("unreadable");
  if (!identity.equals(identityOf(sealer, parsed.data)) || fileOf(sealer, parsed.data) !== name) {
    throw new BadFile("forged");
  }
  return { header: parsed.data, body: plain.subarray(bodyAt) };
}

function identityOf(sealer: Sealer, fileHeader: Header): Buffer {
  if (fileHeader.kind === "record") return sealer.identityOf([]);
  const { namespace, serviceAccount, login } = fileHeader.entry.about;
  return sealer.identityOf([namespace, serviceAccount, login]);
}

/** Without the cause: it would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadFile("unreadable");
  }
}
