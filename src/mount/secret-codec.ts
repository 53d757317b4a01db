import { Redacted } from "../redacted.ts";
import type { Secret } from "../stores/store.ts";

/** What of a secret is not bytes, with the length of the first part of the bytes. */
interface Head extends Omit<Secret, "value" | "envelope" | "fields"> {
  readonly valueBytes: number;
  readonly hasEnvelope: boolean;
  /** Absent where there are none. */
  readonly fieldsBytes?: number;
}

/** Secrets as bytes, for the persistent cache: length of the head, head as JSON, value, fields, envelope. */
export const secretCodec = {
  encode({ value, envelope, fields, ...rest }: Secret): Uint8Array {
    const own = fields?.reveal();
    const head: Head = {
      ...{ ...rest, valueBytes: value.reveal().length, hasEnvelope: envelope !== undefined },
      ...(own === undefined ? {} : { fieldsBytes: own.length }),
    };
    const text = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, text, value.reveal(), own ?? none, envelope?.reveal() ?? none]);
  },

  /** Takes what `encode` gave, which the seal around it vouches for. */
  decode(bytes: Uint8Array): Secret {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const start = 4 + buffer.readUInt32BE(0);
    const { valueBytes, hasEnvelope, fieldsBytes, ...rest } = JSON.parse(buffer.toString("utf8", 4, start)) as Head;
    const valueEnd = start + valueBytes;
    const fieldsEnd = valueEnd + (fieldsBytes ?? 0);
    return {
      ...{ ...rest, value: copied(buffer.subarray(start, valueEnd)) },
      ...(fieldsBytes === undefined ? {} : { fields: copied(buffer.subarray(valueEnd, fieldsEnd)) }),
      ...(hasEnvelope ? { envelope: copied(buffer.subarray(fieldsEnd)) } : {}),
    };
  },
};

const none = Buffer.alloc(0);

/** A slice would hold the whole file in memory. */
function copied(part: Uint8Array): Redacted<Uint8Array> {
  return new Redacted<Uint8Array>(Uint8Array.from(part));
}
