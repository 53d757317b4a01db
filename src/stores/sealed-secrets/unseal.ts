import { createDecipheriv, type webcrypto } from "node:crypto";
import { ProviderError } from "../../errors.ts";
import type { InlineSealedRef, SealedScope } from "./types.ts";

type Key = webcrypto.CryptoKey;

/** For whom a value is opened. */
interface Asker {
  readonly namespace: string;
  readonly name: string;
}

/** The text that a value of a scope is bound to. */
function labelOf(scope: SealedScope, { namespace, name }: Asker): string {
  if (scope === "cluster-wide") return "";
  return scope === "namespace-wide" ? namespace : `${namespace}/${name}`;
}

/**
 * Opens every value of a SealedSecret for pods of a namespace. Throws `LK0033` where no key opens one for that namespace and
 * name, and `LK0047` for a value that was changed; neither tells a value.
 */
export async function unseal(
  { name, scope, encryptedData }: InlineSealedRef,
  namespace: string,
  keys: readonly Key[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const asker = { namespace, name };
  const opened = encryptedData.map(async ([key, sealed]) => {
    const bytes = Buffer.from(sealed, "base64");
    return [key, await openValue(bytes, { key, scope, asker, keys })] as const;
  });
  return new Map(await Promise.all(opened));
}

interface Opening {
  /** Of the value. */
  readonly key: string;
  readonly scope: SealedScope;
  readonly asker: Asker;
  readonly keys: readonly Key[];
}

/** Two bytes of a length, a session key of that length by RSA-OAEP, the value by AES-GCM with a nonce of zeros. */
async function openValue(bytes: Buffer, opening: Opening): Promise<Uint8Array> {
  const length = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (length === 0 || bytes.length < 2 + length + 16) throw changed(opening, "it was cut");
  const wrapped = bytes.subarray(2, 2 + length);
  const session = await unwrap(wrapped, labelOf(opening.scope, opening.asker), opening.keys);
  if (session === undefined) throw await refused(wrapped, opening);
  const sealed = bytes.subarray(2 + length);
  try {
    const cipher = createDecipheriv("aes-256-gcm", session, Buffer.alloc(12));
    cipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  } catch {
    throw changed(opening, "its seal is broken");
  }
}

async function unwrap(wrapped: Buffer, label: string, keys: readonly Key[]): Promise<Uint8Array | undefined> {
  const algorithm = { name: "RSA-OAEP", label: Buffer.from(label, "utf8") };
  for (const key of keys) {
    // It fails for another key or another label: the next one may fit.
    const session = await crypto.subtle.decrypt(algorithm, key, wrapped).catch(() => undefined);
    if (session !== undefined) return new Uint8Array(session);
  }
  return undefined;
}

function changed({ key, asker }: Opening, why: string): ProviderError {
  return new ProviderError(
    "LK0047",
    `${JSON.stringify(key)} of the SealedSecret ${asker.name} cannot be opened: ${why}`,
    {
      fix: "make it again with kubeseal; if nobody changed it on purpose, find out who did",
    },
  );
}

/** Tells a wrong scope from a wrong namespace, name or key where that can be told. */
async function refused(wrapped: Buffer, { key, scope, asker, keys }: Opening): Promise<ProviderError> {
  const what = `${JSON.stringify(key)} of the SealedSecret ${asker.name} is not sealed for`;
  const whom =
    scope === "strict"
      ? `${asker.namespace}/${asker.name}`
      : scope === "cluster-wide"
        ? "the whole cluster"
        : `the namespace ${asker.namespace}`;
  if (keys.length === 0) {
    return new ProviderError("LK0033", "this pod has no key of the sealed-secrets controller on the node", {
      fix: "have the operator start Latchkey with --sealed-secrets-keys, or add keys to the profile",
    });
  }
  for (const other of ["strict", "namespace-wide", "cluster-wide"] as const) {
    if (other === scope || (await unwrap(wrapped, labelOf(other, asker), keys)) === undefined) continue;
    return new ProviderError("LK0033", `${what} ${whom}: its scope is ${other}`, { fix: `write scope: ${other}` });
  }
  return new ProviderError("LK0033", `${what} ${whom}, or for none of the ${keys.length} keys of the node`, {
    fix: `make it again with kubeseal for the namespace ${asker.namespace} and the name ${asker.name}, or have the operator add the key that it was sealed with`,
  });
}
