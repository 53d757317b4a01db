import { FormatError } from "../format-error.ts";
import { checkMac } from "./check-mac.ts";
import { type Decryption, decrypt, unsupported } from "./decrypt.ts";
import { broken, type Der, numberOf, octetsOf, oidOf, partAt, partsOf, readDer, tagged, writeDer } from "./der.ts";
import { passwordBytes } from "./derive-key.ts";

/** The contents of a file, each as DER in the file's order. */
export interface Pkcs12 {
  /** PKCS#8. */
  readonly keys: readonly Buffer[];
  readonly certificates: readonly Buffer[];
}

/** Most bags that a file may have: a chain has a few. */
const mostBags = 256;

const data = "1.2.840.113549.1.7.1";
const encryptedData = "1.2.840.113549.1.7.6";
const bagTypes: ReadonlyMap<string, "key" | "shrouded" | "certificate" | "nested"> = new Map([
  ["1.2.840.113549.1.12.10.1.1", "key"],
  ["1.2.840.113549.1.12.10.1.2", "shrouded"],
  ["1.2.840.113549.1.12.10.1.3", "certificate"],
  ["1.2.840.113549.1.12.10.1.6", "nested"],
]);
const x509 = "1.2.840.113549.1.9.22.1";

/**
 * Reads a PKCS#12 file (https://www.rfc-editor.org/rfc/rfc7292): any number of safes, with a MAC or without. `charge` as in
 * `Decryption`. Throws `FormatError`, never with a word of the content.
 */
export function readPkcs12(bytes: Uint8Array, charge: Decryption["charge"], text = ""): Pkcs12 {
  const [version, authSafe, macData] = partsOf(readDer(bytes));
  if (numberOf(version) !== 3 || oidOf(partAt(authSafe, 0)) !== data) throw broken();
  const safes = octetsOf(partAt(partAt(authSafe, 1), 0));
  const failures: FormatError[] = [];
  // An empty password is two zeros to some programs, and nothing to others.
  for (const own of [passwordBytes(text), ...(text === "" ? [new Uint8Array()] : [])]) {
    const how = { password: { text, bytes: own }, charge };
    try {
      if (macData !== undefined) checkMac(macData, safes, how);
      return readSafes(safes, how);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      failures.push(error);
    }
  }
  throw failures[0] ?? broken();
}

function readSafes(safes: Uint8Array, how: Decryption): Pkcs12 {
  const found = { keys: [] as Buffer[], certificates: [] as Buffer[], bags: 0 };
  for (const content of partsOf(readDer(safes))) readBags(safeIn(content, how), how, found);
  return found;
}

/** The bytes of a safe, decrypted. */
function safeIn(content: Der, how: Decryption): Uint8Array {
  const type = oidOf(partAt(content, 0));
  const inner = partAt(partAt(content, 1), 0);
  if (type === data) return octetsOf(inner);
  if (type !== encryptedData) throw unsupported("the safe", type);
  const info = partsOf(partAt(inner, 1));
  return decrypt(partAt(partAt(inner, 1), 1), octetsOf(tagged(info, 0)), how);
}

interface Found {
  readonly keys: Buffer[];
  readonly certificates: Buffer[];
  bags: number;
}

function readBags(safe: Uint8Array, how: Decryption, found: Found): void {
  if (safe.length === 0) return;
  for (const bag of partsOf(readDer(safe))) readBag(bag, how, found);
}

function readBag(bag: Der, how: Decryption, found: Found): void {
  found.bags += 1;
  if (found.bags > mostBags) throw new FormatError(`the PKCS#12 file has more than ${mostBags} entries`);
  const value = partAt(partAt(bag, 1), 0);
  const type = bagTypes.get(oidOf(partAt(bag, 0)));
  if (type === "key") found.keys.push(writeDer(value));
  if (type === "shrouded") found.keys.push(decrypt(partAt(value, 0), octetsOf(partAt(value, 1)), how));
  if (type === "nested") readBags(writeDer(value), how, found);
  if (type !== "certificate" || oidOf(partAt(value, 0)) !== x509) return;
  found.certificates.push(octetsOf(partAt(partAt(value, 1), 0)));
}
