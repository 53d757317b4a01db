import { once } from "node:events";
import { connect } from "node:tls";
import { toHttpError } from "./http-error.ts";
import { SecureContexts } from "./secure-contexts.ts";
import { type TlsSettings, TrustSource } from "./trust.ts";

/**
 * The DNS names in the certificate of an `https` server, which is trusted and names `url`'s host. Throws what a request to the
 * server would on its way: `LK0020`, `LK0030`, `LK0039`.
 */
export async function serverNames(url: URL, tls: TlsSettings, signal: AbortSignal): Promise<readonly string[]> {
  const secureContext = new SecureContexts().of(await new TrustSource(tls).current());
  const [host, port] = [url.hostname.replace(/^\[|\]$/g, ""), Number(url.port || 443)];
  const socket = connect({ host, port, secureContext, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) });
  try {
    await once(socket, "secureConnect", { signal });
    const { subjectaltname = "" } = socket.getPeerCertificate();
    return [...subjectaltname.matchAll(/\bDNS:([^,\s]{1,253})/g)].map(([, name = ""]) => name);
  } catch (thrown) {
    throw toHttpError(thrown, url.host, signal);
  } finally {
    // After the handshake's last words: a server that misses them would log a failure.
    socket.destroySoon();
  }
}
