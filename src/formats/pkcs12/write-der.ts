import forge from "node-forge";
import type { Der } from "./der.ts";

const { asn1 } = forge;
const { Class, Type } = asn1;

/** A SEQUENCE. */
export function sequence(...parts: readonly Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...parts]);
}

/** A SET of one value, or of values that are in order already. */
export function set(...parts: readonly Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SET, true, [...parts]);
}

/** Values under an explicit tag of their context. */
export function explicit(tag: number, ...parts: readonly Der[]): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, true, [...parts]);
}

/** Bytes under an implicit tag of their context. */
export function implicit(tag: number, bytes: Uint8Array): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, false, textOf(bytes));
}

/** An OCTET STRING. */
export function octets(bytes: Uint8Array): Der {
  return asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, textOf(bytes));
}

/** An OBJECT IDENTIFIER. */
export function oid(text: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(text).getBytes());
}

/** An INTEGER from zero. */
export function integer(value: number): Der {
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, asn1.integerToDer(value).getBytes());
}

/** A NULL. */
export function nothing(): Der {
  return asn1.create(Class.UNIVERSAL, Type.NULL, false, "");
}

/** A BMPString; the library makes two bytes of each character. */
export function bmpString(text: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.BMPSTRING, false, text);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
