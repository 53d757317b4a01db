import { createHash } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Trust } from "./trust.ts";

/**
 * TLS contexts by what they are made of: equal trusts have one, for a list of all CAs takes megabytes outside of the heap,
 * and a pod author can name a server under one CA many times. A context that nobody uses any more is let go.
 */
export class SecureContexts {
  readonly #known = new Map<string, WeakRef<SecureContext>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
  });

  /** The context of a trust. Throws what OpenSSL does for certificates that it cannot read. */
  of(trust: Trust): SecureContext {
    const key = digestOf(trust);
    const known = this.#known.get(key)?.deref();
    if (known !== undefined) return known;
    const made = contextOf(trust);
    this.#known.set(key, new WeakRef(made));
    this.#gone.register(made, key);
    return made;
  }
}

function digestOf({ ca, moreCa = [], client }: Trust): string {
  const hash = createHash("sha256");
  // Lengths keep the parts apart.
  for (const [part, texts] of [
    ["ca", ca],
    ["more", moreCa],
    ["client", client && [client.cert, client.key.reveal()]],
  ] as const) {
    hash.update(`${part} ${texts?.length ?? "none"}\n`);
    for (const text of texts ?? []) hash.update(`${text.length}\n`).update(text);
  }
  return hash.digest("base64url");
}

function contextOf({ ca, moreCa = [], client }: Trust): SecureContext {
  const secure = createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key.reveal() }),
  });
  // To the store that Node shares; given as `ca`, its own would stand in memory again for each server that a pod names.
  for (const pem of moreCa) secure.context.addCACert(pem);
  return secure;
}
