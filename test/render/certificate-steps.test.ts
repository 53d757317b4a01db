import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProviderError } from "../../src/errors.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { Redacted } from "../../src/redacted.ts";
import { Renderer } from "../../src/render/renderer.ts";
import type { Secret } from "../../src/stores/store.ts";
import { planOf } from "../dialects/plan-of.ts";
import { type Chain, OpenSsl, pemBlocks } from "../formats/pkcs12/openssl.ts";

const stores = "s: { kind: azure-key-vault, vault: shop, tenant: t, clientId: c }";

describe("certificates in a volume", () => {
  const openssl = new OpenSsl();
  let chain: Chain;
  let stored: Secret;

  beforeAll(() => {
    chain = openssl.chain("ec");
    const file = openssl.pkcs12(chain, [chain.root, chain.intermediate], ["-legacy"]);
    stored = { value: new Redacted(Buffer.from(file.toString("base64"))), mediaType: "application/x-pkcs12" };
  });

  afterAll(() => openssl.remove());

  const render = async (plan: Plan, ...secrets: readonly Secret[]) => {
    const renderer = new Renderer(
      { current: () => new Redacted<Uint8Array>(Buffer.alloc(32)), load: async () => undefined },
      1_000_000,
    );
    const found = new Map(
      plan.secrets.flatMap(({ id }, index) => (secrets[index] ? [[id, secrets[index]] as const] : [])),
    );
    const files = await renderer.render(
      plan,
      { secrets: found, failures: [], answers: new Map() },
      "shop",
      AbortSignal.timeout(9_000),
    );
    return new Map(files.map(({ path, contents }) => [path, Buffer.from(contents)]));
  };

  const files = async (list: string, secret: Secret = stored) =>
    await render(await planOf("latchkey", { stores, secrets: `- { store: s, name: tls, files: [${list}] }` }), secret);

  it("are PEM from the leaf to the root, whole and in parts, where the store says that they are PKCS#12", async () => {
    const made = await files(
      ["", ", part: key", ", part: cert", ", part: chain"]
        .map((part, index) => `{ path: f${index}, format: pem${part} }`)
        .join(","),
    );
    const expected = [
      [chain.key, chain.leaf, chain.intermediate, chain.root],
      [chain.key],
      [chain.leaf],
      [chain.intermediate, chain.root],
    ];
    expect([...made.values()].map((bytes) => pemBlocks(bytes.toString()))).toEqual(
      expected.map((blocks) => blocks.flatMap(pemBlocks)),
    );
  });

  it("stay as they are where no store says what they are, or the store says PEM", async () => {
    const value = new Redacted<Uint8Array>(Buffer.from("anything"));
    for (const secret of [{ value }, { value, mediaType: "application/x-pem-file" }]) {
      expect((await files("{ path: f, format: pem }", secret)).get("f")?.toString()).toBe("anything");
    }
    await expect(files("{ path: f, format: pem }", { value, mediaType: "application/x-odd" })).rejects.toThrow(
      'the secret of the certificate has the unknown content type "application/x-odd"',
    );
    await expect(files("{ path: f, format: pem }", { value, mediaType: "" })).rejects.toThrow("has no content type");
  });

  it("become keystores with the password of another secret, and truststores", async () => {
    const plan = await planOf("latchkey", {
      stores,
      secrets: `
- { store: s, name: pw, as: pw }
- store: s
  name: tls
  files:
    - { path: key.p12, format: pkcs12, alias: shop, password: { secret: pw, key: store.password } }
    - { path: trust.jks, format: jks, truststore: true, password: { secret: pw, key: store.password } }`,
    });
    const password = { value: new Redacted<Uint8Array>(Buffer.from('{"store":{"password":"changeit"}}')) };
    const made = await render(plan, password, stored);
    const list = (name: string) => {
      openssl.write(name, made.get(name) ?? "");
      return execFileSync("keytool", ["-list", "-keystore", openssl.path(name), "-storepass", "changeit"], {
        encoding: "utf8",
      });
    };
    expect(list("key.p12")).toMatch(/shop, .*PrivateKeyEntry/);
    expect(list("trust.jks")).toContain("contains 3 entries");
    expect((await render(plan, password, stored)).get("key.p12")).toEqual(made.get("key.p12"));
    const without = { ...password, value: new Redacted<Uint8Array>(Buffer.from("{}")) };
    const { problems } = await render(plan, without, stored).catch((thrown) => thrown);
    expect(problems.map(({ id }: ProviderError) => id)).toEqual(["LK0035", "LK0035"]);
  });

  it("are opened by the password of another secret, from any store, as bytes and as base64", async () => {
    const plan = await planOf("latchkey", {
      stores: "v: { kind: gcp-secret-manager, project: shop-prod }",
      secrets: `
- { store: v, name: pw, as: pw }
- store: v
  name: tls
  files:
    - { path: whole.pem, format: pem, password: { secret: pw, key: store.password } }
    - { path: key.pem, format: pem, part: key, password: { secret: pw, key: store.password } }
    - { path: chain.pem, format: pem, part: chain, password: { secret: pw, key: store.password } }`,
    });
    const file = openssl.pkcs12(chain, [chain.root, chain.intermediate], ["-passout", "pass:CANARY-päss"]);
    const password = { value: new Redacted<Uint8Array>(Buffer.from('{"store":{"password":"CANARY-päss"}}')) };
    for (const bytes of [file, Buffer.from(file.toString("base64"))]) {
      const made = await render(plan, password, { value: new Redacted<Uint8Array>(bytes) });
      const blocks = (name: string) => pemBlocks(String(made.get(name)));
      expect(blocks("whole.pem")).toEqual([chain.key, chain.leaf, chain.intermediate, chain.root].flatMap(pemBlocks));
      expect(blocks("key.pem")).toEqual(pemBlocks(chain.key));
      expect(blocks("chain.pem")).toEqual([chain.intermediate, chain.root].flatMap(pemBlocks));
    }
    const wrong = { value: new Redacted<Uint8Array>(Buffer.from('{"store":{"password":"CANARY-other"}}')) };
    const error = await render(plan, wrong, { value: new Redacted<Uint8Array>(file) }).catch((thrown) => thrown);
    const told = error.problems.map((problem: ProviderError) => problem.describe());
    expect(told.length).toBe(3);
    for (const text of told) {
      expect(text).toMatch(/^LK0040 .*the PKCS#12 file has another password\. Fix: /);
      expect(text).not.toContain("CANARY");
    }
  });

  it("fail with a reason that shows nothing", async () => {
    const value = new Redacted<Uint8Array>(Buffer.from("CANARY not base64"));
    const error = await files("{ path: f, format: pem }", { value, mediaType: "application/x-pkcs12" }).catch(
      (thrown) => thrown,
    );
    expect(error.describe()).toBe(
      "LK0040 secrets[0].files[0]: the PKCS#12 content cannot be written as PEM: base64 without its padding, or cut short. Fix: store the certificate with its private key, in PEM form or as PKCS#12; a file with a password is opened by format: pem with password in the native dialect",
    );
  });

  it("may not take a mount's time: the rounds that a file asks for count as work", async () => {
    const file = openssl.pkcs12(chain, [], ["-iter", "1000000"]);
    const greedy = { ...stored, value: new Redacted<Uint8Array>(Buffer.from(file.toString("base64"))) };
    await expect(files("{ path: f, format: pem }", greedy)).rejects.toThrow("more than 33554432 bytes to read");
  });
});
