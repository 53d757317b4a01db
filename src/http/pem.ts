import { createPrivateKey, X509Certificate } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { errorName, ProviderError } from "../errors.ts";
import { lineBreakFault, lineBreakFix } from "../formats/pem.ts";
import type { Redacted } from "../redacted.ts";

/** A client certificate (and those that it hangs on) with its key, both PEM. */
export interface ClientPair {
  readonly cert: string;
  readonly key: Redacted<string>;
}

/** The contents of a PEM text; blocks count from 1. */
export interface Bundle {
  readonly certificates: readonly string[];
  /** The numbers of the blocks that cannot be read. */
  readonly broken: readonly number[];
  /** How many certificates begin in it. */
  readonly count: number;
  /** The damage to the text's line breaks, if that is why nothing can be read. */
  readonly fault?: string | undefined;
}

/** Told what was left out; or, as `kept`, what can no longer be read, so that what was read before stays in force. */
export type Warn = (text: string, about?: "kept") => void;

/** The certificates in a PEM text, and which of its blocks are none. */
export function readBundle(pem: string): Bundle {
  const blocks = blocksIn(pem);
  // OpenSSL skips what it cannot read without a word, so each is tried here.
  const good = blocks.map((block) => (block !== undefined && isCertificate(block) ? block : undefined));
  const certificates = good.filter((block) => block !== undefined);
  const fault = certificates.length === 0 ? lineBreakFault(pem) : undefined;
  return {
    certificates,
    broken: good.flatMap((block, at) => (block === undefined ? [at + 1] : [])),
    count: blocks.length,
    ...(fault === undefined ? {} : { fault }),
  };
}

const begin = "-----BEGIN CERTIFICATE-----";
const end = "-----END CERTIFICATE-----";

/** `undefined` for one that does not end. In one pass: a pod author can write a text that a pattern would search again from each beginning. */
function blocksIn(pem: string): readonly (string | undefined)[] {
  const blocks: (string | undefined)[] = [];
  let last = pem.indexOf(end);
  for (let from = pem.indexOf(begin); from >= 0; ) {
    const next = pem.indexOf(begin, from + begin.length);
    if (last >= 0 && last < from) last = pem.indexOf(end, from);
    const isWhole = last >= 0 && (next < 0 || last < next);
    blocks.push(isWhole ? pem.slice(from, last + end.length) : undefined);
    from = next;
  }
  return blocks;
}

/**
 * The certificates in a PEM text that can be read; `warn` is told of those that cannot. Throws `LK0020` with the name of
 * `source` if there are none.
 */
export function certificatesIn(pem: string, source: string, warn: Warn): readonly string[] {
  const bundle = readBundle(pem);
  if (bundle.certificates.length === 0) throw noCertificate(source, bundle);
  const told = leftOut(bundle);
  if (told !== undefined) warn(`${source}: ${told}`);
  return bundle.certificates;
}

/** Which certificates of a bundle are left out, in words; undefined if all can be read. */
export function leftOut(bundle: Bundle): string | undefined {
  const { broken } = bundle;
  if (broken.length === 0) return undefined;
  return `${namesOf(bundle)} cannot be read and ${broken.length === 1 ? "is" : "are"} left out`;
}

const mostNamed = 20;

function namesOf({ broken, count }: Bundle): string {
  if (broken.length === 1) return `certificate ${broken[0]} of ${count}`;
  const named = broken.length > mostNamed ? [...broken.slice(0, mostNamed), "others"] : broken;
  return `certificates ${named.slice(0, -1).join(", ")} and ${named.at(-1)} of ${count}`;
}

/** The error of a text without a certificate that can be read. */
export function noCertificate(source: string, { count, fault }: Pick<Bundle, "count" | "fault">): ProviderError {
  const broken = count === 1 ? "the one in it is broken" : `all ${count} in it are broken`;
  const why = count === 0 ? "" : `: ${fault ?? broken}`;
  return new ProviderError("LK0020", `${source} has no certificate that can be read${why}`, {
    fix: "give certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----",
  });
}

/** A client certificate and the key that must belong to it. Throws `LK0020`; no text quotes either. */
export function clientPair(cert: string, key: Redacted<string>, source: string): ClientPair {
  const bundle = readBundle(cert);
  const [leaf = ""] = bundle.certificates;
  if (bundle.certificates.length === 0) throw noCertificate(source, bundle);
  // A server checks the chain as a whole: without one of its parts it would say something that leads astray.
  if (bundle.broken.length > 0) {
    throw new ProviderError("LK0020", `${source}: ${namesOf(bundle)} cannot be read`, { fix: "correct its PEM text" });
  }
  const fault = lineBreakFault(key.reveal());
  if (fault !== undefined) {
    throw new ProviderError("LK0020", `the key of ${source} cannot be read: ${fault}`, { fix: lineBreakFix });
  }
  if (!belongTogether(leaf, key)) {
    throw new ProviderError("LK0020", `${source} and its key do not belong together, or the key cannot be read`, {
      fix: "give the unencrypted PEM key of this certificate",
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
  if (!found.isFile()) throw unreadable(source, "it is not a file");
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
