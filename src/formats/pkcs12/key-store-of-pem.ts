import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { FormatError } from "../format-error.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJsonOrNothing } from "../json.ts";
import { lineBreakFault, lineBreakFix } from "../pem.ts";
import { type KeyStore, writePkcs12 } from "./write-pkcs12.ts";

/** How a keystore is written. */
export interface KeyStoreForm {
  readonly alias: string;
  readonly password: string;
  /** Certificates alone, each of them trusted. */
  readonly truststore: boolean;
}

/** Most certificates of one file: the bundles of whole operating systems have 150. */
const mostCertificates = 500;

const block = /-----BEGIN ([A-Z0-9 ]{1,60})-----\r?\n[A-Za-z0-9+/=\s]*?\r?\n-----END \1-----/g;

/**
 * Writes the PEM blocks of a text as a PKCS#12 file. A JSON object, such as a Vault PKI engine answers, is searched for them.
 * In a keystore the chain is ordered from the key's own certificate. Throws `FormatError`.
 */
export function keyStoreOfPem(text: string, { alias, password, truststore }: KeyStoreForm): Buffer {
  const blocks = [...textsIn(text).join("\n").matchAll(block)].map(([pem, label = ""]) => ({ pem, label }));
  const certificates = distinct(
    blocks.filter(({ label }) => label === "CERTIFICATE").map(({ pem }) => certificateOf(pem)),
  );
  if (certificates.length === 0) throw missing(text, "certificate");
  if (certificates.length > mostCertificates)
    throw new FormatError(`there are more than ${mostCertificates} certificates`);
  if (truststore) return writePkcs12({ certificates: certificates.map(({ raw }) => raw), alias, password });
  return writePkcs12(
    keyStoreOf(
      blocks.find(({ label }) => label.endsWith("PRIVATE KEY")),
      certificates,
      { alias, password },
      text,
    ),
  );
}

function keyStoreOf(
  found: { readonly pem: string } | undefined,
  certificates: readonly X509Certificate[],
  form: Pick<KeyStoreForm, "alias" | "password">,
  text: string,
): KeyStore {
  if (found === undefined) throw missing(text, "private key");
  const key = keyOf(found.pem);
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) throw new FormatError("none of the certificates is the private key's own");
  const chain = chainFrom(leaf, certificates);
  return { ...form, key: key.export({ type: "pkcs8", format: "der" }), certificates: chain.map(({ raw }) => raw) };
}

/** The certificates from the leaf to the root; what is not on the way comes behind. */
function chainFrom(leaf: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [leaf];
  for (;;) {
    const last = chain.at(-1);
    const next = all.find((each) => !chain.includes(each) && last?.checkIssued(each) === true);
    if (next === undefined) break;
    chain.push(next);
  }
  return [...chain, ...all.filter((each) => !chain.includes(each))];
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    // Its words can quote the text.
    throw new FormatError("a certificate cannot be read");
  }
}

function keyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const why = /ENCRYPTED/.test(pem) ? "the private key is encrypted" : "the private key cannot be read";
    throw new FormatError(why, {}, "store the private key in PEM form without a password");
  }
}

function distinct(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return [...new Map(certificates.map((each) => [each.fingerprint256, each])).values()];
}

/** The text itself, or all texts in an object of JSON. */
function textsIn(text: string): readonly string[] {
  const parsed = /^\s*\{/.test(text) ? parseJsonOrNothing(text) : undefined;
  return isJsonObject(parsed) ? stringsIn(parsed) : [text];
}

function stringsIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (isJsonArray(value)) return value.flatMap(stringsIn);
  return isJsonObject(value) ? [...value.values()].flatMap(stringsIn) : [];
}

function missing(text: string, what: string): FormatError {
  const fault = lineBreakFault(text);
  if (fault === undefined) return new FormatError(`there is no ${what} in PEM form`);
  return new FormatError(`there is no ${what} in PEM form: ${fault}`, {}, lineBreakFix);
}
