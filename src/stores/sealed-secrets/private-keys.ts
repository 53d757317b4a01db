import { createPrivateKey, hash, type webcrypto } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { LRUCache } from "lru-cache";
import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { parseJson } from "../../formats/json.ts";
import { directoryFor } from "../file/directory.ts";
import { readFileBelow } from "../file/read-file.ts";
import { searchFiles } from "../file/search.ts";
import type { Identity } from "../store.ts";

type Key = webcrypto.CryptoKey;

/** The private keys of the controller, from the operator's files: read each time, so that a renewed key counts at once. */
export class PrivateKeys {
  /** Keys by the digest of their text: making one takes as long as using it. */
  readonly #made = new LRUCache<string, Promise<Key>>({ max: 64 });

  /** Every key that an identity's files hold. A file that is not there holds none. Throws what reading throws, and `LK0036`. */
  async read(paths: readonly string[], identity: Identity): Promise<readonly Key[]> {
    const texts: string[] = [];
    for (const path of paths) texts.push(...(await textsAt(directoryFor(path, identity))));
    return await Promise.all(texts.flatMap(pemsIn).map((pem) => this.#keyOf(pem)));
  }

  #keyOf(pem: string): Promise<Key> {
    const digest = hash("sha256", pem, "hex");
    const made = this.#made.get(digest) ?? importKey(pem);
    this.#made.set(digest, made);
    return made;
  }
}

async function importKey(pem: string): Promise<Key> {
  try {
    const key = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
    return await crypto.subtle.importKey("pkcs8", key, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["decrypt"]);
  } catch {
    // Its own words could quote the key.
    throw new ProviderError("LK0036", "a private key of the sealed-secrets controller cannot be read", {
      fix: "give --sealed-secrets-keys files with RSA keys in PEM, as in tls.key of the controller's Secrets",
    });
  }
}

/** The text of a file, or of all files below a directory. */
async function textsAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  const isDirectory = found.isDirectory();
  const root = () => realpath(isDirectory ? path : dirname(path));
  const names = isDirectory ? namesIn((await searchFiles(root, { prefix: "" })).value.reveal()) : [basename(path)];
  return await Promise.all(names.map(async (name) => Buffer.from(await readFileBelow(root, name)).toString("utf8")));
}

function namesIn(list: Uint8Array): readonly string[] {
  const names = parseJson(list);
  if (!Array.isArray(names)) throw new FormatError("a list of names is none");
  return names.filter((name) => typeof name === "string");
}

const pemForm = /-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA )?PRIVATE KEY-----/g;

/** The keys of a text: PEM, or a backup of the controller's Secrets, which have it in base64. */
function pemsIn(text: string): readonly string[] {
  const own = text.match(pemForm) ?? [];
  const encoded = [...text.matchAll(/["']?tls\.key["']?\s*:\s*["']?([A-Za-z0-9+/]{100,}={0,2})/g)];
  return [
    ...own,
    ...encoded.flatMap(([, key = ""]) => Buffer.from(key, "base64").toString("latin1").match(pemForm) ?? []),
  ];
}
