import { isIP } from "node:net";
import { generate } from "selfsigned";

/** A key with its certificate, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority of a test's own. */
export interface Authority {
  readonly caPem: string;
  /** A server certificate for these names and addresses (default: `127.0.0.1` and `localhost`), valid for a day. */
  issue(hosts?: readonly string[]): Promise<Certificate>;
  /** A client certificate with this common name, valid for a day. */
  issueClient(name: string): Promise<Certificate>;
  /** The same for the default hosts, but its time ended a minute ago. */
  issueExpired(): Promise<Certificate>;
}

/** One certificate in PEM form that nothing can read. */
export const brokenPem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const DAY = 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;
const MINUTE = 60 * 1000;

const usualHosts: readonly string[] = ["127.0.0.1", "localhost"];

/** Makes a fresh authority; every call gives another, so that one test's certificates are worth nothing to the next. */
export async function createAuthority(name = "Latchkey test authority"): Promise<Authority> {
  const ca = await generate([{ name: "commonName", value: name }], {
    ...validity(),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signer = { key: ca.private, cert: ca.cert };
  return {
    caPem: ca.cert,
    issue: (hosts = usualHosts) => issue(signer, hosts, DAY),
    issueClient: (client) => issueClient(signer, client),
    issueExpired: () => issue(signer, usualHosts, -MINUTE),
  };
}

async function issue(ca: Certificate, hosts: readonly string[], lifeMs: number): Promise<Certificate> {
  const leaf = await generate([{ name: "commonName", value: hosts[0] ?? "localhost" }], {
    ...validity(lifeMs),
    ca: { ...ca },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: hosts.map(altName) },
    ],
  });
  return { key: leaf.private, cert: leaf.cert };
}

async function issueClient(ca: Certificate, name: string): Promise<Certificate> {
  const leaf = await generate([{ name: "commonName", value: name }], {
    ...validity(),
    ca: { ...ca },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", clientAuth: true },
    ],
  });
  return { key: leaf.private, cert: leaf.cert };
}

function altName(host: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host };
}

/** An hour of the past as well, for clocks that differ. */
function validity(lifeMs = DAY) {
  const now = Date.now();
  return {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now - HOUR),
    notAfterDate: new Date(now + lifeMs),
  } as const;
}
