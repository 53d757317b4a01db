import { FormatError } from "../format-error.ts";
import { octetsOf, oidOf, partAt, partsOf, readDer, tagged } from "./der.ts";

/** The key identifiers of a certificate, as hexadecimal digits (RFC 5280, 4.2.1.1 and 4.2.1.2). */
interface KeyIds {
  readonly own: string | undefined;
  readonly issuer: string | undefined;
}

/**
 * Certificates from the leaf to the root, by the key identifiers in them. Where they are no one chain, which includes all that
 * have no identifiers, they keep their order. Throws `FormatError` where each one is the issuer of another.
 */
export function orderChain(certificates: readonly Buffer[]): readonly Buffer[] {
  const entries = certificates.map((der) => ({ der, ids: keyIdsOf(der) }));
  const isIssuer = ({ ids: { own } }: (typeof entries)[number]) =>
    own !== undefined && entries.some(({ ids }) => ids.own !== own && ids.issuer === own);
  const leaf = entries.find((entry) => !isIssuer(entry));
  if (leaf === undefined) throw new FormatError("the certificates are in a circle: each one is the issuer of another");
  const chain = [leaf];
  for (;;) {
    const { own, issuer } = chain.at(-1)?.ids ?? {};
    const next = issuer === undefined || issuer === own ? undefined : entries.find(({ ids }) => ids.own === issuer);
    if (next === undefined || chain.includes(next)) break;
    chain.push(next);
  }
  return chain.length === entries.length ? chain.map(({ der }) => der) : certificates;
}

const subjectKeyId = "2.5.29.14";
const authorityKeyId = "2.5.29.35";

function keyIdsOf(der: Buffer): KeyIds {
  const tbs = partsOf(partAt(readDer(der), 0));
  const extensions = tagged(tbs, 3);
  const values = new Map<string, Buffer>();
  for (const extension of extensions === undefined ? [] : partsOf(partAt(extensions, 0))) {
    values.set(oidOf(partAt(extension, 0)), octetsOf(partsOf(extension).at(-1)));
  }
  const own = values.get(subjectKeyId);
  const issuer = values.get(authorityKeyId);
  const issuerId = issuer === undefined ? undefined : tagged(partsOf(readDer(issuer)), 0);
  return {
    own: own === undefined ? undefined : octetsOf(readDer(own)).toString("hex"),
    issuer: issuerId === undefined ? undefined : octetsOf(issuerId).toString("hex"),
  };
}
