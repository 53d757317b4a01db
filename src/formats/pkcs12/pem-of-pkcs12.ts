import { createPrivateKey } from "node:crypto";
import { FormatError } from "../format-error.ts";
import { orderChain } from "./chain-order.ts";
import { readPkcs12 } from "./read-pkcs12.ts";

/** The PEM texts of a PKCS#12 file. */
export interface Pkcs12Pem {
  /** PKCS#8; empty if the file has no key. */
  readonly key: string;
  readonly chain: string;
}

/** How a file is opened. */
interface Pkcs12Opening {
  /** From leaf to root. */
  readonly ordered: boolean;
  /** Told the rounds of each key derivation. */
  readonly charge: (iterations: number) => void;
  /** Absent: the file has none. */
  readonly password?: string;
}

/** The private key of a PKCS#12 file as PKCS#8, and its certificates. Throws `FormatError`. */
export function pemOfPkcs12(bytes: Uint8Array, { ordered, charge, password }: Pkcs12Opening): Pkcs12Pem {
  const { keys, certificates } = readPkcs12(bytes, charge, password);
  if (certificates.length === 0) throw new FormatError("the PKCS#12 file has no certificate");
  const [key] = keys;
  const chain = ordered ? orderChain(certificates) : certificates;
  return { key: key === undefined ? "" : keyPem(key), chain: chain.map(certificatePem).join("") };
}

/** Written anew: Windows puts attributes into keys that other programs do not write. */
function keyPem(der: Buffer): string {
  try {
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" })
      .export({ type: "pkcs8", format: "pem" })
      .toString();
  } catch {
    // The library's words can quote the key.
    throw new FormatError("the private key of the PKCS#12 file cannot be read");
  }
}

function certificatePem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
