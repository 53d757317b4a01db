import { createHmac, timingSafeEqual } from "node:crypto";
import { type Decryption, hmacHashes, keyByPbkdf2, unsupported, wrongPassword } from "./decrypt.ts";
import { type Der, numberOf, octetsOf, oidOf, partAt, partsOf } from "./der.ts";
import { deriveKey, type Pkcs12Hash, purposes } from "./derive-key.ts";

const hashes: ReadonlyMap<string, Pkcs12Hash> = new Map([
  ["1.3.14.3.2.26", "sha1"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

const lengths = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/** https://www.rfc-editor.org/rfc/rfc9879#section-3 */
const pbmac1 = "1.2.840.113549.1.5.14";

/** Throws `FormatError` for a file whose MAC is another one (RFC 7292, 4; RFC 9879): its password is, or it was changed. */
export function checkMac(macData: Der, safes: Uint8Array, how: Decryption): void {
  const digestInfo = partAt(macData, 0);
  const algorithm = partAt(digestInfo, 0);
  const { hash, key } = oidOf(partAt(algorithm, 0)) === pbmac1 ? pbmac1Key(algorithm, how) : ownKey(macData, how);
  const made = createHmac(hash, key).update(safes).digest();
  const told = octetsOf(partAt(digestInfo, 1));
  if (made.length !== told.length || !timingSafeEqual(made, told)) throw wrongPassword();
}

interface MacKey {
  readonly hash: string;
  readonly key: Uint8Array;
}

function ownKey(macData: Der, { password, charge }: Decryption): MacKey {
  const [digestInfo, salt, count] = partsOf(macData);
  const oid = oidOf(partAt(partAt(digestInfo, 0), 0));
  const hash = hashes.get(oid);
  if (hash === undefined) throw unsupported("the MAC", oid);
  const iterations = count === undefined ? 1 : numberOf(count);
  charge(iterations);
  const common = { hash, purpose: purposes.mac, password: password.bytes, salt: octetsOf(salt), iterations };
  return { hash, key: deriveKey({ ...common, length: lengths[hash] }) };
}

/** Salt and rounds are those of the derivation; the ones beside it have no meaning. The key's length has to be there. */
function pbmac1Key(algorithm: Der, how: Decryption): MacKey {
  const [derivation, mac] = [partAt(partAt(algorithm, 1), 0), partAt(partAt(algorithm, 1), 1)];
  const oid = oidOf(partAt(mac, 0));
  const hash = hmacHashes.get(oid);
  if (hash === undefined) throw unsupported("the MAC", oid);
  const length = partsOf(partAt(derivation, 1))[2];
  const bytes = length === undefined || Array.isArray(length.value) ? 0 : numberOf(length);
  if (bytes === 0 || bytes > mostKeyBytes) throw unsupported("a MAC without a usable key, of", pbmac1);
  return { hash, key: keyByPbkdf2(derivation, bytes, how) };
}

/** No hash has longer blocks; a longer key would only cost time. */
const mostKeyBytes = 128;
