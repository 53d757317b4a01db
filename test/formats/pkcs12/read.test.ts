import { createPrivateKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FormatError } from "../../../src/formats/format-error.ts";
import { pemOfPkcs12 } from "../../../src/formats/pkcs12/pem-of-pkcs12.ts";
import { type Chain, encryptions, keyKinds, OpenSsl, pemBlocks } from "./openssl.ts";
import { pbmac1File, pbmac1Password } from "./rfc9879.ts";

const free = () => undefined;

/** As a mount does: a changed file can ask for billions. */
function bounded(count: number): void {
  if (count > 20_000) throw new FormatError("too many rounds");
}

describe("PKCS#12 to PEM", () => {
  const openssl = new OpenSsl();
  const chains = new Map<string, Chain>();

  beforeAll(() => {
    for (const kind of keyKinds) chains.set(kind, openssl.chain(kind));
  });

  afterAll(() => openssl.remove());

  const chainOf = (kind: string) => chains.get(kind) ?? expect.unreachable();
  const rows = keyKinds.flatMap((kind) =>
    Object.entries(encryptions).map(([name, words]) => [kind, name, words] as const),
  );

  test.each(rows)("reads what OpenSSL writes: %s with %s", (kind, _, words) => {
    const { key, leaf, intermediate, root } = chainOf(kind);
    const file = openssl.pkcs12({ key, leaf }, [root, intermediate], words);
    const pem = pemOfPkcs12(file, { ordered: true, charge: free });
    expect(pem.key).toBe(key);
    expect(pem.chain).toBe([leaf, intermediate, root].map(certificateOnly).join(""));
    const stored = pemOfPkcs12(file, { ordered: false, charge: free });
    expect(pemBlocks(stored.chain).toSorted()).toEqual(pemBlocks(pem.chain).toSorted());
  });

  test("keeps the file's order where the chain is not whole, or has certificates of another", () => {
    const [one, other] = [chainOf("rsa"), chainOf("ec")];
    const without = openssl.pkcs12(one, [one.root], []);
    const chain = pemOfPkcs12(without, { ordered: true, charge: free }).chain;
    expect(chain).toBe(pemOfPkcs12(without, { ordered: false, charge: free }).chain);
    const foreign = openssl.pkcs12(one, [other.root, one.root, one.intermediate], []);
    const read = pemOfPkcs12(foreign, { ordered: true, charge: free }).chain;
    expect(read).toBe(pemOfPkcs12(foreign, { ordered: false, charge: free }).chain);
  });

  test("reads a certificate that signed itself, with key identifiers or without", () => {
    openssl.run("req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=alone", "-days", "2", "-out", "alone.crt");
    const alone = openssl.run("x509", "-in", "alone.crt");
    const key = openssl.run("pkey", "-in", "root.key");
    expect(pemOfPkcs12(openssl.pkcs12({ key, leaf: alone }, [], []), { ordered: true, charge: free }).chain).toBe(
      alone,
    );
  });

  test("reads a file of certificates alone, and has no key then", () => {
    openssl.write("some.crt", chainOf("ec").root);
    openssl.run("pkcs12", "-export", "-nokeys", "-in", "some.crt", "-passout", "pass:", "-out", "trust.p12");
    const file = Buffer.from(openssl.run("base64", "-A", "-in", "trust.p12"), "base64");
    expect(pemOfPkcs12(file, { ordered: true, charge: free })).toEqual({
      key: "",
      chain: certificateOnly(chainOf("ec").root),
    });
  });

  test("says that a file has a password, and never shows it", () => {
    const { key, leaf } = chainOf("ec");
    for (const words of Object.values(encryptions).slice(0, 5)) {
      const file = openssl.pkcs12({ key, leaf }, [], [...words, "-passout", "pass:CANARY"]);
      expect(() => pemOfPkcs12(file, { ordered: true, charge: free })).toThrow("the PKCS#12 file has another password");
    }
  });

  test.each(Object.entries(encryptions).slice(0, 5))("opens a file by its password: %s", (_, words) => {
    const { key, leaf, intermediate, root } = chainOf("rsa");
    const password = "CANARY-pässwörd";
    const file = openssl.pkcs12({ key, leaf }, [root, intermediate], [...words, "-passout", `pass:${password}`]);
    const pem = pemOfPkcs12(file, { ordered: true, charge: free, password });
    expect([pem.key, pem.chain]).toEqual([key, [leaf, intermediate, root].map(certificateOnly).join("")]);
    for (const other of ["", "CANARY-passwort"]) {
      const open = () => pemOfPkcs12(file, { ordered: true, charge: free, password: other });
      expect(open).toThrow("the PKCS#12 file has another password");
    }
  });

  test("opens a file that has no password by an empty one", () => {
    const { key, leaf } = chainOf("ec");
    for (const words of Object.values(encryptions)) {
      const file = openssl.pkcs12({ key, leaf }, [], words);
      expect(pemOfPkcs12(file, { ordered: true, charge: free, password: "" }).key).toBe(key);
    }
  });

  test("reads a MAC of PBMAC1, and refuses one that does not fit", () => {
    const file = Buffer.from(pbmac1File, "base64");
    const rounds: number[] = [];
    const charge = (count: number) => rounds.push(count);
    const pem = pemOfPkcs12(file, { ordered: true, charge, password: pbmac1Password });
    expect(new X509Certificate(pem.chain).checkPrivateKey(createPrivateKey(pem.key))).toBe(true);
    expect(rounds).toEqual([2048, 2048, 2048]);
    const at = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(file);
      change(copy);
      return () => pemOfPkcs12(copy, { ordered: true, charge: free, password: pbmac1Password });
    };
    // Behind the file's content: salt, rounds, the key's length, the algorithm of the MAC, and the MAC.
    const params = file.lastIndexOf(Buffer.from("02020800020120", "hex"));
    expect(at((copy) => copy.writeUInt8(0x7f, params - 1))).toThrow("another password");
    expect(at((copy) => copy.writeUInt8(0x09, params + 2))).toThrow("another password");
    expect(at((copy) => copy.writeUInt8(0x10, params + 6))).toThrow("another password");
    expect(at((copy) => copy.writeUInt8(0x0a, params + 18))).toThrow("another password");
    expect(at((copy) => copy.writeUInt8(0x0f, params + 32))).toThrow("uses the MAC 1.2.840.113549.2.15");
    expect(() => pemOfPkcs12(file, { ordered: true, charge: free, password: "4321" })).toThrow("another password");
    expect(() => pemOfPkcs12(file, { ordered: true, charge: free })).toThrow("another password");
  });

  test("asks before each derivation, so that a file cannot ask for billions of rounds", () => {
    const { key, leaf } = chainOf("ec");
    const rounds: number[] = [];
    pemOfPkcs12(openssl.pkcs12({ key, leaf }, [], ["-iter", "3000"]), {
      ordered: true,
      charge: (count) => rounds.push(count),
    });
    expect(rounds).toEqual([3000, 3000, 3000]);
    const stop = (count: number) => {
      if (count > 2999) throw new RangeError("enough");
    };
    const file = openssl.pkcs12({ key, leaf }, [], ["-iter", "3000"]);
    expect(() => pemOfPkcs12(file, { ordered: true, charge: stop })).toThrow("enough");
  });

  test("answers anything else with an error, cut or changed anywhere", () => {
    const { key, leaf, intermediate } = chainOf("ec");
    const files = Object.values(encryptions).map((words) => openssl.pkcs12({ key, leaf }, [intermediate], words));
    const odd = [
      Buffer.alloc(0),
      Buffer.from("x"),
      Buffer.from("3000", "hex"),
      Buffer.alloc(5_000, 0x30),
      Buffer.from(leaf),
    ];
    for (const bytes of [...odd, ...files.flatMap(spoiled)]) {
      try {
        pemOfPkcs12(bytes, { ordered: true, charge: bounded });
      } catch (error) {
        expect((error as Error).name, bytes.toString("hex").slice(0, 200)).toBe("FormatError");
      }
    }
  }, 60_000);
});

/** The same file cut and changed at many places. */
function spoiled(file: Buffer): readonly Buffer[] {
  const places = Array.from({ length: 10 }, (_, index) => Math.floor((index * file.length) / 10));
  return places.flatMap((at) => {
    const changed = Buffer.from(file);
    changed[at] = (changed[at] ?? 0) ^ 0x41;
    return [file.subarray(0, at), changed];
  });
}

/** OpenSSL's own files have nothing before the first block here. */
function certificateOnly(pem: string): string {
  return pem.slice(pem.indexOf("-----BEGIN"));
}
