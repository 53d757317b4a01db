import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorName, ProviderError } from "../errors.ts";
import type { Redacted } from "../redacted.ts";

/** A client certificate (and those that it hangs on) with its key, both PEM. */
export interface ClientPair {
  readonly cert: string;
  readonly key: Redacted<string>;
}

/** Every certificate in a PEM text; none where there is no PEM or a broken certificate. */
export function findCertificates(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];
  // OpenSSL skips what it cannot read without a word, so each is tried here.
  return blocks.every(isCertificate) ? blocks : [];
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

/** The text of a file of Latchkey's own file system. Throws `LK0020` with the name of `source`. */
export async function readPem(path: string, source: string): Promise<string> {
  return await readFile(path, "utf8").catch((thrown: unknown) => {
    throw unreadable(source, thrown);
  });
}

/** The error of a file or directory that cannot be read; an error that says so already passes. */
export function unreadable(source: string, thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : errorName(thrown);
  return new ProviderError("LK0020", `${source} cannot be read (${code})`, {
    fix: "check the path and its permissions in Latchkey's own file system",
  });
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
