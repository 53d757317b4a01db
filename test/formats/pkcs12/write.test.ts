import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyStoreOfPem } from "../../../src/formats/pkcs12/key-store-of-pem.ts";
import { type Chain, keyKinds, OpenSsl, pemBlocks } from "./openssl.ts";

const form = { alias: "shop", password: "CANARY-päss", truststore: false };

describe("PEM to PKCS#12", () => {
  const openssl = new OpenSsl();
  const chains = new Map<string, Chain>();

  beforeAll(() => {
    for (const kind of keyKinds) chains.set(kind, openssl.chain(kind));
  });

  afterAll(() => openssl.remove());

  const chainOf = (kind: string) => chains.get(kind) ?? expect.unreachable();
  const opened = (file: Buffer, ...words: readonly string[]) => {
    openssl.write("in.p12", file);
    openssl.write("password", form.password);
    return openssl.run("pkcs12", "-in", "in.p12", "-passin", "file:password", ...words);
  };
  const keytool = (password: string, ...words: readonly string[]) =>
    execFileSync("keytool", [...words, "-keystore", openssl.path("in.p12"), "-storepass", password], {
      encoding: "utf8",
    });

  test.each(keyKinds)("writes a keystore that OpenSSL reads: %s", (kind) => {
    const { key, leaf, intermediate, root } = chainOf(kind);
    const file = keyStoreOfPem([root, key, intermediate, leaf].join("\n"), form);
    expect(pemBlocks(opened(file, "-nodes", "-nocerts"))).toEqual(pemBlocks(key));
    expect(pemBlocks(opened(file, "-nokeys"))).toEqual([leaf, intermediate, root].flatMap(pemBlocks));
    expect(opened(file, "-nokeys", "-clcerts")).toContain("friendlyName: shop");
  });

  test.each(keyKinds)("writes keystores and truststores that keytool reads: %s", (kind) => {
    const { key, leaf, intermediate, root } = chainOf(kind);
    const password = "changeit";
    openssl.write("in.p12", keyStoreOfPem(`${key}${leaf}${intermediate}${root}`, { ...form, password }));
    const listed = keytool(password, "-list", "-v");
    expect(listed).toContain("Alias name: shop");
    expect(listed).toContain("Entry type: PrivateKeyEntry");
    expect(listed).toContain("Certificate chain length: 3");
    openssl.write("in.p12", keyStoreOfPem(`${intermediate}${root}`, { ...form, password, truststore: true }));
    const trusted = keytool(password, "-list", "-v");
    expect(trusted).toContain("Your keystore contains 2 entries");
    expect([...trusted.matchAll(/Entry type: trustedCertEntry/g)].length).toBe(2);
    expect(trusted).toMatch(/Alias name: shop-1[\s\S]*Alias name: shop-2/);
  });

  test("gives equal bytes for equal content, and others for another", () => {
    const { key, leaf, intermediate } = chainOf("ec");
    const pem = `${key}${leaf}${intermediate}`;
    const one = keyStoreOfPem(pem, form);
    expect(keyStoreOfPem(pem, form).equals(one)).toBe(true);
    for (const other of [{ alias: "b" }, { password: "b" }, { truststore: true }]) {
      expect(keyStoreOfPem(pem, { ...form, ...other }).equals(one)).toBe(false);
    }
  });

  test("finds the parts in the answer of a PKI engine", () => {
    const { key, leaf, intermediate, root } = chainOf("rsa");
    const answer = {
      ca_chain: [root, intermediate],
      certificate: leaf.trim(),
      issuing_ca: intermediate,
      private_key: key.trim(),
      n: 1,
    };
    const file = keyStoreOfPem(JSON.stringify(answer), form);
    expect(pemBlocks(opened(file, "-nokeys"))).toEqual([leaf, intermediate, root].flatMap(pemBlocks));
  });

  test("takes an empty password, and keys in their older forms", () => {
    const { key, leaf } = chainOf("rsa");
    openssl.write("in.key", key);
    const older = openssl.run("rsa", "-in", "in.key", "-traditional");
    const file = keyStoreOfPem(`${older}${leaf}`, { ...form, password: "" });
    openssl.write("in.p12", file);
    expect(pemBlocks(openssl.run("pkcs12", "-in", "in.p12", "-passin", "pass:", "-nodes", "-nocerts"))).toEqual(
      pemBlocks(key),
    );
  });

  test("says what is missing", () => {
    const [{ key, leaf }, other] = [chainOf("ec"), chainOf("rsa")];
    openssl.write("in.key", key);
    const encrypted = openssl.run("pkcs8", "-topk8", "-in", "in.key", "-passout", "pass:x");
    const rows = [
      ["", "there is no certificate in PEM form"],
      ["{}", "there is no certificate in PEM form"],
      [leaf, "there is no private key in PEM form"],
      [`${other.key}${leaf}`, "none of the certificates is the private key's own"],
      [`${encrypted}${leaf}`, "the private key is encrypted"],
      [`-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${leaf}`, "the private key cannot be read"],
      [`${key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`, "a certificate cannot be read"],
      [`${key}${leaf}`.replaceAll("\n", "\\n"), "its line breaks are written as \\n"],
      [`${key}${leaf}`.replaceAll("\n", ""), "its line breaks are missing"],
    ] as const;
    for (const [text, message] of rows) expect(() => keyStoreOfPem(text, form)).toThrow(message);
  });
});
