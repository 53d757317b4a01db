import { createCipheriv, createHash, createHmac, hkdfSync, pbkdf2Sync } from "node:crypto";
import { type Der, writeDer } from "./der.ts";
import { deriveKey, passwordBytes, purposes } from "./derive-key.ts";
import { bmpString, explicit, implicit, integer, nothing, octets, oid, sequence, set } from "./write-der.ts";

/** The parts of a file. */
export interface KeyStore {
  /** PKCS#8, for a keystore; absent for a truststore. */
  readonly key?: Uint8Array | undefined;
  /** DER; the key's own comes first. */
  readonly certificates: readonly Uint8Array[];
  /** The name of the entry; of several in a truststore each has a number behind it. */
  readonly alias: string;
  readonly password: string;
}

/**
 * Rounds of each key derivation: OpenSSL's own number (PKCS12_DEFAULT_ITER). The file lies beside its password, so more would
 * only cost time.
 */
const rounds = 2_048;

const oids = {
  data: "1.2.840.113549.1.7.1",
  encryptedData: "1.2.840.113549.1.7.6",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
  x509: "1.2.840.113549.1.9.22.1",
  friendlyName: "1.2.840.113549.1.9.20",
  localKeyId: "1.2.840.113549.1.9.21",
  pbes2: "1.2.840.113549.1.5.13",
  pbkdf2: "1.2.840.113549.1.5.12",
  hmacSha256: "1.2.840.113549.2.9",
  aes256: "2.16.840.1.101.3.4.1.42",
  sha256: "2.16.840.1.101.3.4.2.1",
  /** Without it Java does not take a certificate for a trusted one (sun.security.pkcs12.PKCS12KeyStore). */
  javaTrusted: "2.16.840.1.113894.746875.1.1",
  anyUsage: "2.5.29.37.0",
} as const;

/**
 * Writes a PKCS#12 file (https://www.rfc-editor.org/rfc/rfc7292) as OpenSSL 3 and Java 17 do: AES-256 by PBES2, and a MAC of
 * SHA-256. Salts come from the content, so that equal content gives equal bytes and a file changes only with what is in it.
 */
export function writePkcs12(store: KeyStore): Buffer {
  const seal = new Seal(store);
  const certificates = safeOf(store.certificates.map((der, index) => certificateBag(der, index, store)));
  const safes = [encrypted(certificates, seal)];
  if (store.key !== undefined) safes.push(plain(safeOf([keyBag(store.key, store, seal)])));
  const authenticated = writeDer(sequence(...safes));
  const content = sequence(oid(oids.data), explicit(0, octets(authenticated)));
  return writeDer(sequence(integer(3), content, macOf(authenticated, store.password, seal)));
}

/** Gives salts one after the other: all of them from the content, and none from the password, which they would tell of. */
class Seal {
  readonly password: string;
  readonly #seed: Buffer;
  #given = 0;

  constructor({ key = new Uint8Array(), certificates, alias, password }: KeyStore) {
    this.password = password;
    const hash = createHash("sha256");
    for (const part of [Buffer.from(alias), key, ...certificates]) hash.update(`${part.length} `).update(part);
    this.#seed = hash.digest();
  }

  salt(): Buffer {
    this.#given += 1;
    return Buffer.from(hkdfSync("sha256", this.#seed, "latchkey pkcs12", String(this.#given), 16));
  }
}

/** The AlgorithmIdentifier and the bytes of an encryption (https://www.rfc-editor.org/rfc/rfc8018#section-6.2). */
function encrypt(bytes: Uint8Array, seal: Seal): { readonly algorithm: Der; readonly bytes: Buffer } {
  const [salt, iv] = [seal.salt(), seal.salt()];
  const cipher = createCipheriv("aes-256-cbc", pbkdf2Sync(seal.password, salt, rounds, 32, "sha256"), iv);
  const prf = sequence(oid(oids.hmacSha256), nothing());
  const derivation = sequence(oid(oids.pbkdf2), sequence(octets(salt), integer(rounds), prf));
  const algorithm = sequence(oid(oids.pbes2), sequence(derivation, sequence(oid(oids.aes256), octets(iv))));
  return { algorithm, bytes: Buffer.concat([cipher.update(bytes), cipher.final()]) };
}

function encrypted(safe: Uint8Array, seal: Seal): Der {
  const { algorithm, bytes } = encrypt(safe, seal);
  const info = sequence(oid(oids.data), algorithm, implicit(0, bytes));
  return sequence(oid(oids.encryptedData), explicit(0, sequence(integer(0), info)));
}

function plain(safe: Uint8Array): Der {
  return sequence(oid(oids.data), explicit(0, octets(safe)));
}

function safeOf(bags: readonly Der[]): Buffer {
  return writeDer(sequence(...bags));
}

function keyBag(key: Uint8Array, { alias, certificates }: KeyStore, seal: Seal): Der {
  const { algorithm, bytes } = encrypt(key, seal);
  const value = explicit(0, sequence(algorithm, octets(bytes)));
  return sequence(oid(oids.shroudedKeyBag), value, set(nameOf(alias), idOf(certificates[0])));
}

function certificateBag(der: Uint8Array, index: number, { key, alias, certificates }: KeyStore): Der {
  const value = explicit(0, sequence(oid(oids.x509), explicit(0, octets(der))));
  const attributes =
    key === undefined ? trusted(alias, index, certificates.length) : index === 0 ? [nameOf(alias), idOf(der)] : [];
  return sequence(oid(oids.certBag), value, ...(attributes.length === 0 ? [] : [set(...attributes)]));
}

function trusted(alias: string, index: number, count: number): readonly Der[] {
  const name = nameOf(count === 1 ? alias : `${alias}-${index + 1}`);
  return [name, sequence(oid(oids.javaTrusted), set(oid(oids.anyUsage)))];
}

function nameOf(alias: string): Der {
  return sequence(oid(oids.friendlyName), set(bmpString(alias)));
}

/** Ties a key to its certificate: any bytes that both have. */
function idOf(certificate: Uint8Array = new Uint8Array()): Der {
  return sequence(oid(oids.localKeyId), set(octets(createHash("sha1").update(certificate).digest())));
}

function macOf(content: Uint8Array, password: string, seal: Seal): Der {
  const salt = seal.salt();
  const derivation = { hash: "sha256", purpose: purposes.mac, salt, iterations: rounds, length: 32 } as const;
  const key = deriveKey({ ...derivation, password: passwordBytes(password) });
  const digest = createHmac("sha256", key).update(content).digest();
  const info = sequence(sequence(oid(oids.sha256), nothing()), octets(digest));
  return sequence(info, octets(salt), integer(rounds));
}
