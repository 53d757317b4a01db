import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { BadFile } from "./bad-file.ts";

const magic = Buffer.from("LKCACHE");
const formatVersion = 2;
const algorithm = "aes-256-gcm";

/**
 * Sizes in the order of the file: magic, format version, id of the key, tag of the identity, salt, nonce, length of
 * what is sealed. Up to here it is the prefix, in clear and authenticated; what is sealed and the GCM tag follow.
 */
const size = { keyId: 8, identity: 16, salt: 16, nonce: 12, length: 4, tag: 16 };
const keyIdAt = magic.length + 1;
const identityAt = keyIdAt + size.keyId;
const saltAt = identityAt + size.identity;
const nonceAt = saltAt + size.salt;
const lengthAt = nonceAt + size.nonce;
const prefixLength = lengthAt + size.length;

/** The number of bytes that sealing adds. */
const sealOverhead = prefixLength + size.tag;

/** An opened file: what it says, and for whom it was sealed. */
export interface Opened {
  readonly plain: Buffer;
  readonly identity: Buffer;
}

/**
 * Seals files with AES-256-GCM. Authenticated beside the bytes are format, the file's name (so that no file can stand
 * in for another) and a keyed tag of the identity. Each file has a key of its own, derived with a random salt, so that
 * no number of files wears the random nonce out (NIST SP 800-38D, 8.3). Keys live outside of the JavaScript heap.
 */
export class Sealer {
  readonly #sealing: KeyObject;
  readonly #naming: KeyObject;
  readonly #keyId: Buffer;

  constructor(key: Uint8Array) {
    this.#sealing = derive(createSecretKey(key), "", "latchkey cache: sealing");
    this.#naming = derive(createSecretKey(key), "", "latchkey cache: naming");
    this.#keyId = this.#hash("key id", []).subarray(0, size.keyId);
  }

  /** A name that tells nothing to who lacks the key. */
  nameOf(kind: string, id: string): string {
    return `${this.#hash("name", [kind, id]).toString("hex")}.${kind}`;
  }

  /** A tag that is equal for equal parts and tells nothing of them. */
  identityOf(parts: readonly string[]): Buffer {
    return this.#hash("identity", parts).subarray(0, size.identity);
  }

  /** Whole contents for the file `name`. */
  seal(name: string, identity: Uint8Array, plain: Uint8Array): Buffer {
    const prefix = Buffer.alloc(prefixLength);
    magic.copy(prefix);
    prefix.writeUInt8(formatVersion, magic.length);
    prefix.set(this.#keyId, keyIdAt);
    prefix.set(identity, identityAt);
    randomBytes(size.salt + size.nonce).copy(prefix, saltAt);
    prefix.writeUInt32BE(plain.length, lengthAt);
    const cipher = createCipheriv(algorithm, this.#fileKey(prefix), prefix.subarray(nonceAt, lengthAt));
    cipher.setAAD(additional(prefix, name));
    return Buffer.concat([prefix, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** Opens what the file `name` held. Throws `BadFile`: torn, oldFormat, foreign or forged. */
  open(name: string, contents: Buffer): Opened {
    this.#checkPrefix(contents);
    const prefix = contents.subarray(0, prefixLength);
    const decipher = createDecipheriv(algorithm, this.#fileKey(prefix), prefix.subarray(nonceAt, lengthAt), {
      authTagLength: size.tag,
    });
    decipher.setAAD(additional(prefix, name));
    decipher.setAuthTag(contents.subarray(-size.tag));
    const plain = decipher.update(contents.subarray(prefixLength, -size.tag));
    try {
      decipher.final();
    } catch {
      plain.fill(0);
      throw new BadFile("forged");
    }
    return { plain, identity: Buffer.from(prefix.subarray(identityAt, saltAt)) };
  }

  #checkPrefix(contents: Buffer): void {
    if (contents.length < keyIdAt) throw new BadFile("torn");
    if (!contents.subarray(0, magic.length).equals(magic)) throw new BadFile("forged");
    if (contents.readUInt8(magic.length) !== formatVersion) throw new BadFile("oldFormat");
    if (contents.length < sealOverhead) throw new BadFile("torn");
    if (!contents.subarray(keyIdAt, identityAt).equals(this.#keyId)) throw new BadFile("foreign");
    if (contents.readUInt32BE(lengthAt) !== contents.length - sealOverhead) throw new BadFile("torn");
  }

  #fileKey(prefix: Buffer): KeyObject {
    return derive(this.#sealing, prefix.subarray(saltAt, nonceAt), "latchkey cache: file");
  }

  /** The parts as a JSON list, so that no two lists read alike. */
  #hash(purpose: string, parts: readonly string[]): Buffer {
    return createHmac("sha256", this.#naming)
      .update(JSON.stringify([purpose, ...parts]))
      .digest();
  }
}

function derive(from: KeyObject, salt: string | Uint8Array, info: string): KeyObject {
  const bytes = new Uint8Array(hkdfSync("sha256", from, salt, info, 32));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function additional(prefix: Buffer, name: string): Buffer {
  return Buffer.concat([prefix, Buffer.from(name)]);
}
