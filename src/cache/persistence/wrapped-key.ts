import { randomBytes } from "node:crypto";
import type { CacheDirectory } from "./directory.ts";
import type { KeyWrap } from "./key-wrap.ts";

/** The file beside the entries. */
export const wrappedKeyFile = "wrapped-key";

/** The list of what was forgotten while nobody could open the entries. */
export const forgottenFile = "forgotten";

/** More than any service makes of 32 bytes. */
const mostBytes = 64 * 1024;

const keyBytes = 32;

/**
 * The key that seals the directory: made once, and unwrapped ever after. It is wrapped anew each time, so that a key service's
 * newest version protects it. A directory of another wrap gets another key, which opens nothing of what is there. Throws what the
 * key service throws.
 */
export async function directoryKey(directory: CacheDirectory, wrap: KeyWrap): Promise<Uint8Array> {
  const stored = read(await directory.read(wrappedKeyFile, mostBytes));
  if (stored?.by !== wrap.name) return await newKey(directory, wrap);
  const key = await wrap.unwrap(Buffer.from(stored.wrapped, "base64"));
  // Who may only unwrap keeps what there is.
  await put(directory, wrap, key).catch(() => undefined);
  return key;
}

async function newKey(directory: CacheDirectory, wrap: KeyWrap): Promise<Uint8Array> {
  const key = randomBytes(keyBytes);
  await put(directory, wrap, key);
  return key;
}

async function put(directory: CacheDirectory, wrap: KeyWrap, key: Uint8Array): Promise<void> {
  const wrapped = Buffer.from(await wrap.wrap(key)).toString("base64");
  await directory.put(wrappedKeyFile, Buffer.from(JSON.stringify({ by: wrap.name, wrapped })));
}

/** Undefined for what is no such file: it is replaced. */
function read(contents: Buffer | undefined): { readonly by: string; readonly wrapped: string } | undefined {
  if (contents === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(contents.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { by, wrapped } = parsed as { readonly by?: unknown; readonly wrapped?: unknown };
    return typeof by === "string" && typeof wrapped === "string" ? { by, wrapped } : undefined;
  } catch {
    return undefined;
  }
}
