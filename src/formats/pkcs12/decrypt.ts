import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import forge from "node-forge";
import { FormatError } from "../format-error.ts";
import { type Der, numberOf, octetsOf, oidOf, partAt, partsOf } from "./der.ts";
import { deriveKey, purposes } from "./derive-key.ts";

/** The password of a file, in the two forms that it is used in. */
interface Pkcs12Password {
  readonly text: string;
  /** As PKCS#12's own derivation takes it. */
  readonly bytes: Uint8Array;
}

/** Everything that decryption needs besides the bytes. */
export interface Decryption {
  readonly password: Pkcs12Password;
  /** Called with the rounds of each derivation before it is made; throws where they are too many. */
  readonly charge: (iterations: number) => void;
}

/** The encryption schemes of PKCS#12 (https://www.rfc-editor.org/rfc/rfc7292#appendix-C); RC2 is in no OpenSSL of today. */
const ownSchemes: ReadonlyMap<
  string,
  { readonly cipher: "des-ede3-cbc" | "des-ede-cbc" | "rc2"; readonly bytes: number }
> = new Map([
  ["1.2.840.113549.1.12.1.3", { cipher: "des-ede3-cbc", bytes: 24 }],
  ["1.2.840.113549.1.12.1.4", { cipher: "des-ede-cbc", bytes: 16 }],
  ["1.2.840.113549.1.12.1.5", { cipher: "rc2", bytes: 16 }],
  ["1.2.840.113549.1.12.1.6", { cipher: "rc2", bytes: 5 }],
]);

/** https://www.rfc-editor.org/rfc/rfc8018#section-6.2 */
const pbes2 = "1.2.840.113549.1.5.13";
const pbkdf2 = "1.2.840.113549.1.5.12";

const ciphers: ReadonlyMap<string, { readonly cipher: string; readonly bytes: number }> = new Map([
  ["2.16.840.1.101.3.4.1.2", { cipher: "aes-128-cbc", bytes: 16 }],
  ["2.16.840.1.101.3.4.1.22", { cipher: "aes-192-cbc", bytes: 24 }],
  ["2.16.840.1.101.3.4.1.42", { cipher: "aes-256-cbc", bytes: 32 }],
  ["1.2.840.113549.3.7", { cipher: "des-ede3-cbc", bytes: 24 }],
]);

/** The hashes of HMACs, by the HMACs' identifiers (https://www.rfc-editor.org/rfc/rfc8018#appendix-B.1). */
export const hmacHashes: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.2.7", "sha1"],
  ["1.2.840.113549.2.8", "sha224"],
  ["1.2.840.113549.2.9", "sha256"],
  ["1.2.840.113549.2.10", "sha384"],
  ["1.2.840.113549.2.11", "sha512"],
]);

/** Decrypts by an AlgorithmIdentifier. Throws `FormatError` for another scheme or password. */
export function decrypt(algorithm: Der, encrypted: Uint8Array, how: Decryption): Buffer {
  const oid = oidOf(partAt(algorithm, 0));
  const parameters = partAt(algorithm, 1);
  if (oid === pbes2) return byPbes2(parameters, encrypted, how);
  const scheme = ownSchemes.get(oid);
  if (scheme === undefined) throw unsupported("encryption", oid);
  const salt = octetsOf(partAt(parameters, 0));
  const iterations = numberOf(partAt(parameters, 1));
  how.charge(iterations * 2);
  const common = { hash: "sha1", password: how.password.bytes, salt, iterations } as const;
  const key = deriveKey({ ...common, purpose: purposes.key, length: scheme.bytes });
  const iv = deriveKey({ ...common, purpose: purposes.iv, length: 8 });
  return scheme.cipher === "rc2" ? byRc2(key, iv, encrypted) : byCipher(scheme.cipher, key, iv, encrypted);
}

function byPbes2(parameters: Der, encrypted: Uint8Array, how: Decryption): Buffer {
  const encryption = partAt(parameters, 1);
  const cipherOid = oidOf(partAt(encryption, 0));
  const cipher = ciphers.get(cipherOid);
  if (cipher === undefined) throw unsupported("encryption", cipherOid);
  const key = keyByPbkdf2(partAt(parameters, 0), cipher.bytes, how);
  return byCipher(cipher.cipher, key, octetsOf(partAt(encryption, 1)), encrypted);
}

/** The key of this many bytes that an AlgorithmIdentifier of PBKDF2 derives. Throws `FormatError` for another derivation. */
export function keyByPbkdf2(derivation: Der, bytes: number, { password, charge }: Decryption): Buffer {
  const kdf = oidOf(partAt(derivation, 0));
  if (kdf !== pbkdf2) throw unsupported("key derivation", kdf);
  const [salt, count, ...more] = partsOf(partAt(derivation, 1));
  // Between them may stand the key's length, which whoever wants the key knows.
  const prfOf = more.find(({ value }) => Array.isArray(value));
  const prf = prfOf === undefined ? "1.2.840.113549.2.7" : oidOf(partAt(prfOf, 0));
  const hash = hmacHashes.get(prf);
  if (hash === undefined) throw unsupported("key derivation", prf);
  const iterations = numberOf(count);
  charge(iterations);
  if (iterations === 0) throw wrongPassword();
  return pbkdf2Sync(password.text, octetsOf(salt), iterations, bytes, hash);
}

function byCipher(name: string, key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv(name, key, iv);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch {
    // Of a wrong key the padding is wrong.
    throw wrongPassword();
  }
}

function byRc2(key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  const text = (bytes: Uint8Array) => forge.util.createBuffer(Buffer.from(bytes).toString("latin1"));
  const { rc2 } = forge as unknown as { readonly rc2: Rc2 };
  const cipher = rc2.createDecryptionCipher(text(key), key.length * 8);
  cipher.start(text(iv));
  cipher.update(text(encrypted));
  if (!cipher.finish()) throw wrongPassword();
  return Buffer.from(cipher.output.getBytes(), "latin1");
}

/** The library's types leave it out. */
interface Rc2 {
  createDecryptionCipher(
    key: forge.util.ByteStringBuffer,
    bits: number,
  ): {
    readonly output: forge.util.ByteStringBuffer;
    start(iv: forge.util.ByteStringBuffer): void;
    update(input: forge.util.ByteStringBuffer): void;
    finish(): boolean;
  };
}

/** The error for a password that does not open a file. */
export function wrongPassword(): FormatError {
  return new FormatError("the PKCS#12 file has another password");
}

/** The error for an algorithm that is not read here. */
export function unsupported(what: string, oid: string): FormatError {
  return new FormatError(`the PKCS#12 file uses ${what} ${oid.slice(0, 64)}, which is not supported`);
}
