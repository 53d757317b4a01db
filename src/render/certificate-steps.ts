import { ProviderError } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";
import { decodeGoBase64 } from "../formats/go-encodings.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import type { CertificatePart, KeyStoreStep, Step } from "../plan/step.ts";
import { pkcs12Type } from "./converters.ts";
import type { RenderWork } from "./render-work.ts";
import type { Content, StepTools } from "./step-tools.ts";

/** The media type of PEM, as Azure has it. */
const pemType = "application/x-pem-file";

/** The private key and the certificates of a PKCS#12 file as PEM. */
interface CertificatePem {
  readonly key: string;
  readonly chain: string;
}

/** A step that takes the secret of a certificate. */
type CertificateStep = Step & { readonly kind: "certificate" };

/**
 * The secret of a certificate in the form that is wanted. Throws `LK0035` for a part of what is no certificate, `LK0040` for a
 * PKCS#12 file that cannot be read, and for a type that nobody knows.
 */
export function certificate(content: Content, { form, ordered, part }: CertificateStep, tools: StepTools): Uint8Array {
  const { bytes, mediaType } = content;
  if (mediaType === undefined) {
    if (part === undefined) return bytes;
    throw new ProviderError("LK0035", "the secret does not belong to a certificate", {
      fix: "name the secret of a certificate",
    });
  }
  if (mediaType !== pemType && mediaType !== pkcs12Type) throw unknownType(mediaType);
  if (form === "stored") return part === undefined ? bytes : new Uint8Array();
  if (mediaType === pemType) return part === undefined ? bytes : partOfPem(bytes, part, tools.work);
  const { key, chain } = readPem(bytes, ordered, tools);
  return ownBytes(part === undefined ? `${key}${chain}` : { key, chain }[part]);
}

/** The content as PEM: what the store says is PKCS#12 is read, anything else is as it is. */
export function pemIn(content: Content, tools: StepTools): Uint8Array {
  if (content.mediaType !== pkcs12Type) return content.bytes;
  const { key, chain } = readPem(content.bytes, true, tools);
  return ownBytes(`${key}${chain}`);
}

/** Writes a PKCS#12 file of PEM; `password` is text. Throws `LK0040`. */
export function writeKeyStore(
  pem: Uint8Array,
  { alias, truststore }: KeyStoreStep,
  password: Uint8Array,
  { work, converters: { write } }: StepTools,
): Uint8Array {
  if (write === undefined) throw notLoaded();
  charge(work)(mostRoundsWritten);
  const form = { alias, truststore, password: Buffer.from(password).toString("utf8") };
  return converted("the value cannot be written as PKCS#12", () => write(Buffer.from(pem).toString("latin1"), form));
}

/** Three derivations of 2,048 rounds. */
const mostRoundsWritten = 6_144;

/** The key and the certificates of a PKCS#12 file, opened by its password. Throws `LK0040`. */
export function openKeyStore(bytes: Uint8Array, password: Uint8Array, tools: StepTools): Uint8Array {
  const { key, chain } = readPem(bytes, true, tools, Buffer.from(password).toString("utf8"));
  return ownBytes(`${key}${chain}`);
}

function readPem(bytes: Uint8Array, ordered: boolean, tools: StepTools, password?: string): CertificatePem {
  const { work, converters } = tools;
  const { read } = converters;
  if (read === undefined) throw notLoaded();
  work.read(bytes.length);
  const opened = password === undefined ? {} : { password };
  return converted("the PKCS#12 content cannot be written as PEM", () => {
    return read(fileIn(bytes), { ordered, charge: charge(work), ...opened });
  });
}

/** A file as it is begins with a SEQUENCE, which no base64 does; a store of texts has it as base64. */
function fileIn(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0x30 && bytes[1] !== undefined && bytes[1] >= 0x80
    ? bytes
    : decodeGoBase64(Buffer.from(bytes).toString("latin1"));
}

/** A round of a derivation is a hash or two of a block of this size, so that a file cannot ask for billions. */
function charge(work: RenderWork): (rounds: number) => void {
  return (rounds) => work.read(rounds * 64);
}

const blocks = /-----BEGIN ([A-Z0-9 ]{1,60})-----[^-]*-----END \1-----\r?\n?/g;

function partOfPem(bytes: Uint8Array, part: CertificatePart, work: RenderWork): Uint8Array {
  work.read(bytes.length);
  const found = [...Buffer.from(bytes).toString("latin1").matchAll(blocks)];
  const wanted = found.filter(([, label = ""]) =>
    part === "key" ? label.endsWith("PRIVATE KEY") : label === "CERTIFICATE",
  );
  return ownBytes(wanted.map(([whole]) => whole).join(""));
}

function notLoaded(): ProviderError {
  return new ProviderError("LK0001", "the code for PKCS#12 was not loaded", { fix: "mount again, and report it" });
}

function converted<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ProviderError("LK0040", `${what}: ${error.message}`, { fix: error.fix ?? fix });
  }
}

const fix =
  "store the certificate with its private key, in PEM form or as PKCS#12; a file with a password is opened by format: pem with password in the native dialect";

function unknownType(mediaType: string): ProviderError {
  const what =
    mediaType === "" ? "no content type" : `the unknown content type ${JSON.stringify(mediaType.slice(0, 128))}`;
  return new ProviderError("LK0040", `the secret of the certificate has ${what}`, {
    fix: `make the certificate anew with the content type ${pkcs12Type} or ${pemType}`,
  });
}
