import { Redacted } from "../redacted.ts";
import { secretOfAll } from "../stores/join-secrets.ts";
import type { Lease } from "../stores/lease.ts";
import type { Secret } from "../stores/store.ts";

/** The parts of a secret that are not bytes, with the length of the first part of the bytes. */
interface Head extends Omit<Secret, "value" | "envelope" | "fields" | "together" | "lease"> {
  readonly valueBytes: number;
  readonly hasEnvelope: boolean;
  /** Absent where there are none. */
  readonly fieldsBytes?: number;
  readonly lease?: Omit<Lease, "id"> & { readonly id: string };
}

/** Of several secrets as one: the length of each, encoded; null where one is absent. */
interface TogetherHead {
  readonly together: readonly (number | null)[];
}

/**
 * Secrets as bytes, for the persistent cache: length of the head, head as JSON, value, fields, envelope; or the same of each
 * that is read together with others.
 */
export const secretCodec = {
  encode(secret: Secret): Uint8Array {
    if (secret.together === undefined) return encodeOne(secret);
    const parts = secret.together.map((part) => part && secretCodec.encode(part));
    const head: TogetherHead = { together: parts.map((part) => part?.length ?? null) };
    return Buffer.concat([encodeHead(head), ...parts.map((part) => part ?? none)]);
  },

  /** Takes what `encode` gave, which the seal around it vouches for. */
  decode(bytes: Uint8Array): Secret {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const start = 4 + buffer.readUInt32BE(0);
    const head = JSON.parse(buffer.toString("utf8", 4, start)) as Head | TogetherHead;
    return "together" in head ? decodeAll(head, buffer.subarray(start)) : decodeOne(head, buffer.subarray(start));
  },
};

const none = Buffer.alloc(0);

function encodeOne({ value, envelope, fields, lease, ...rest }: Secret): Uint8Array {
  const own = fields?.reveal();
  const head: Head = {
    ...{ ...rest, valueBytes: value.reveal().length, hasEnvelope: envelope !== undefined },
    ...(own === undefined ? {} : { fieldsBytes: own.length }),
    ...(lease === undefined ? {} : { lease: { ...lease, id: lease.id.reveal() } }),
  };
  return Buffer.concat([encodeHead(head), value.reveal(), own ?? none, envelope?.reveal() ?? none]);
}

function decodeOne({ valueBytes, hasEnvelope, fieldsBytes, lease, ...rest }: Head, body: Buffer): Secret {
  const fieldsEnd = valueBytes + (fieldsBytes ?? 0);
  return {
    ...{ ...rest, value: copied(body.subarray(0, valueBytes)) },
    ...(fieldsBytes === undefined ? {} : { fields: copied(body.subarray(valueBytes, fieldsEnd)) }),
    ...(hasEnvelope ? { envelope: copied(body.subarray(fieldsEnd)) } : {}),
    ...(lease === undefined ? {} : { lease: { ...lease, id: new Redacted(lease.id) } }),
  };
}

function decodeAll({ together }: TogetherHead, body: Buffer): Secret {
  let start = 0;
  const parts = together.map((length) => {
    if (length === null) return undefined;
    start += length;
    return secretCodec.decode(body.subarray(start - length, start));
  });
  return secretOfAll(parts);
}

function encodeHead(head: Head | TogetherHead): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

/** A slice would hold the whole file in memory. */
function copied(part: Uint8Array): Redacted<Uint8Array> {
  return new Redacted<Uint8Array>(Uint8Array.from(part));
}
