import { createPrivateKey, X509Certificate } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { errorName, ProviderError } from "../errors.ts";
import type { Redacted } from "../redacted.ts";

/** A client certificate (and those that it hangs on) with its key, both PEM. */
export interface ClientPair {
  readonly cert: string;
  readonly key: Redacted<string>;
}

/** Every certificate in a PEM text; none where there is no PEM or a broken certificate. */
export function findCertificates(pem: string): readonly string[] {
  const blocks = blocksIn(pem);
  // OpenSSL skips what it cannot read without a word, so each is tried here.
  return blocks.every(isCertificate) ? blocks : [];
}

const begin = "-----BEGIN CERTIFICATE-----";
const end = "-----END CERTIFICATE-----";

/** In one pass: a pod author can write a text that a pattern would search again from each beginning. */
function blocksIn(pem: string): readonly string[] {
  const blocks: string[] = [];
  for (let from = pem.indexOf(begin); from >= 0; ) {
    const last = pem.indexOf(end, from);
    if (last < 0) break;
    blocks.push(pem.slice(from, last + end.length));
    from = pem.indexOf(begin, last + end.length);
  }
  return blocks;
}

/** The certificates in a PEM text that must hold one. Throws `LK0020` with the name of `source`. */
export function certificatesIn(pem: string, source: string): readonly string[] {
  const found = findCertificates(pem);
  if (found.length > 0) return found;
  throw new ProviderError("LK0020", `${source} holds no certificate in PEM form, or a broken one`, {
    fix: "give certificates that begin with -----BEGIN CERTIFICATE-----",
  });
}

/** A client certificate and the key that must belong to it. Throws `LK0020`; no text quotes either. */
export function clientPair(cert: string, key: Redacted<string>, source: string): ClientPair {
  const [leaf = ""] = certificatesIn(cert, source);
  if (!belongTogether(leaf, key)) {
    throw new ProviderError("LK0020", `${source} and its key do not belong together, or the key cannot be read`, {
      fix: "give the unencrypted PEM key of this very certificate",
    });
  }
  return { cert, key };
}

/** More than every CA of the world takes. */
const mostBytes = 4 * 1024 ** 2;

/**
 * The text of a file of Latchkey's own file system. A pod author can have named it, so a pipe or device is not waited for,
 * and a large one is not read. Throws `LK0020` with the name of `source`.
 */
export async function readPem(path: string, source: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = await regular(file, source);
    if (size > mostBytes) throw unreadable(source, "it is larger than 4 MiB");
    // Files of /proc tell no size; what comes is cut.
    const buffer = Buffer.alloc(Math.max(size, 64 * 1024) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = (await file.read(buffer, length)).bytesRead;
    }
    return buffer.toString("utf8", 0, length);
  } catch (thrown) {
    throw unreadable(source, thrown);
  }
}

async function regular(file: FileHandle, source: string) {
  const found = await file.stat();
  if (!found.isFile()) throw unreadable(source, "it is no file");
  return found;
}

/** The error of a file or directory that cannot be read, or why it is not; an error that says so already passes. */
export function unreadable(source: string, thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  return new ProviderError("LK0020", `${source} cannot be read (${reasonOf(thrown)})`, {
    fix: "check the path and its permissions in Latchkey's own file system",
  });
}

function reasonOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : errorName(thrown);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function belongTogether(cert: string, key: Redacted<string>): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key.reveal()));
  } catch {
    return false;
  }
}
