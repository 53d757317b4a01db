import { Redacted } from "../redacted.ts";
import type { Secret } from "../stores/store.ts";

/** What of a secret is not bytes, with the length of the first part of the bytes. */
interface Head extends Omit<Secret, "value" | "envelope"> {
  readonly valueBytes: number;
  readonly hasEnvelope: boolean;
}

/** Secrets as bytes, for the persistent cache: length of the head, head as JSON, value, envelope. */
export const secretCodec = {
  encode({ value, envelope, ...rest }: Secret): Uint8Array {
    const head: Head = { ...rest, valueBytes: value.reveal().length, hasEnvelope: envelope !== undefined };
    const text = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, text, value.reveal(), envelope?.reveal() ?? Buffer.alloc(0)]);
  },

  /** Takes what `encode` gave, which the seal around it vouches for. */
  decode(bytes: Uint8Array): Secret {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const start = 4 + buffer.readUInt32BE(0);
    const { valueBytes, hasEnvelope, ...rest } = JSON.parse(buffer.toString("utf8", 4, start)) as Head;
    // Copies: a slice would hold the whole file in memory.
    const value = new Redacted<Uint8Array>(Uint8Array.from(buffer.subarray(start, start + valueBytes)));
    if (!hasEnvelope) return { ...rest, value };
    return { ...rest, value, envelope: new Redacted<Uint8Array>(Uint8Array.from(buffer.subarray(start + valueBytes))) };
  },
};
