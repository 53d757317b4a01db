import { createHash } from "node:crypto";

/** The purpose of derived bytes (RFC 7292, B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

/** The sizes of a hash, in bytes: its blocks and its results. */
const hashes = {
  sha1: { block: 64, digest: 20 },
  sha256: { block: 64, digest: 32 },
  sha384: { block: 128, digest: 48 },
  sha512: { block: 128, digest: 64 },
} as const;

/** A hash that keys are derived by. */
export type Pkcs12Hash = keyof typeof hashes;

/** The input of a derivation. */
interface Derivation {
  readonly hash: Pkcs12Hash;
  readonly purpose: 1 | 2 | 3;
  /** As `passwordBytes` gives it, or nothing at all. */
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly length: number;
}

/** A password as PKCS#12 takes it: two bytes a character, and two zeros behind them (RFC 7292, B.1). */
export function passwordBytes(password: string): Uint8Array {
  return Buffer.from(`${password}\0`, "utf16le").swap16();
}

/** Derives bytes from a password (https://www.rfc-editor.org/rfc/rfc7292#appendix-B.2). */
export function deriveKey({ hash, purpose, password, salt, iterations, length }: Derivation): Uint8Array {
  const { block, digest } = hashes[hash];
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([repeated(salt, block), repeated(password, block)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; made += digest) {
    let part = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) part = createHash(hash).update(part).digest();
    parts.push(part);
    addToBlocks(input, repeated(part, block).subarray(0, block), block);
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Copies of bytes, up to the next whole block; nothing stays nothing. */
function repeated(bytes: Uint8Array, block: number): Buffer {
  const length = block * Math.ceil(bytes.length / block);
  return Buffer.alloc(length, bytes);
}

/** Adds a number and one to each block of a text, as big numbers that may overflow. */
function addToBlocks(blocks: Buffer, number: Uint8Array, size: number): void {
  for (let start = 0; start < blocks.length; start += size) {
    let carry = 1;
    for (let at = size - 1; at >= 0; at -= 1) {
      const sum = (blocks[start + at] ?? 0) + (number[at] ?? 0) + carry;
      blocks[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
