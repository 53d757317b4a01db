import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/errors.ts";
import { parseJson } from "../../../src/formats/json.ts";
import type { VaultRef } from "../../../src/stores/vault/types.ts";
import fc from "../../property.ts";
import { scaled } from "../../scale.ts";
import { planOf } from "../plan-of.ts";

const runs = scaled(1_000);

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("secret/data/a", "/v1/x?version=1", "../..", "a//b/", "PUT", "base64", "data", "", "a/b", "%2e%2e/x"),
);
const args = mostly(fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue({ maxDepth: 3 }));

function mostly<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: odd, weight: 1 });
}
const object = fc.record(
  {
    objectName: mostly(fc.constantFrom("a", "b/c", "__proto__"), text),
    secretPath: mostly(fc.constantFrom("secret/a", "/v1//secret/a/", "pki/issue/x?b&a=1"), text),
    secretKey: text,
    method: mostly(fc.constantFrom("GET", "PUT", "list", ""), text),
    secretArgs: args,
    filePermission: mostly<unknown>(fc.nat(0o777), fc.oneof(fc.integer(), fc.double(), text)),
    encoding: mostly(fc.constantFrom("", "utf-8", "BASE64", "hex"), text),
    secretNamespace: mostly(fc.constantFrom("", "team/a", "/"), text),
    output: mostly(fc.constant(""), text),
  },
  { requiredKeys: ["objectName", "secretPath"] },
);

/** JSON is YAML, but for what YAML would not take inside its quotes. */
const objects = fc.array(object, { minLength: 1, maxLength: 3 }).map((list) => JSON.stringify(list));

describe("hostile parameters", () => {
  // The whole node waits while they are read.
  const long = 2 * 1024 ** 2;
  const parameters: readonly (readonly [name: string, text: string, id: string])[] = [
    ["vaultAddress", `http://x${" ".repeat(long)}y`, "LK0020"],
    ["vaultAddress", `http://x${" ,".repeat(long)}y`, "LK0020"],
    ["vaultNamespace", `a${"/".repeat(long)}b`, "LK0003"],
    ["vaultAuthMountPath", `a${"/.".repeat(long)}b`, "LK0003"],
    ["vaultCACert", "-----BEGIN CERTIFICATE-----".repeat(long / 16), "LK0003"],
    ["objects", `[{objectName: a, secretPath: x, secretNamespace: "a${"/".repeat(130_000)}b"}]`, "LK0003"],
  ];
  for (const [name, text, id] of parameters) {
    it(`are refused at once: ${name} ${JSON.stringify(text.slice(0, 12))} of ${text.length} characters`, async () => {
      const usual = { roleName: "r", vaultAddress: "https://x", objects: "[{ objectName: a, secretPath: x }]" };
      await expect(planOf("vault", { ...usual, [name]: text })).rejects.toMatchObject({ id });
    });
  }
});

describe("a method that makes a tunnel", () => {
  // Node sends any of them in upper case, and what breaks off then counts against the server for every pod.
  for (const method of ["CONNECT", "connect", "Connect"]) {
    it(`is refused: ${method}`, async () => {
      const objects = `[{ objectName: a, secretPath: x, method: ${method} }]`;
      const plan = planOf("vault", { roleName: "r", vaultAddress: "https://x", objects });
      await expect(plan).rejects.toMatchObject({ id: "LK0003" });
    });
  }
});

describe("hostile objects", () => {
  for (const dialect of ["vault", "openbao"] as const) {
    it(`come to requests below /v1 with JSON bodies, or to an error of ${dialect}`, async () => {
      let planned = 0;
      await fc.assert(
        fc.asyncProperty(objects, async (yaml) => {
          try {
            const plan = await planOf(dialect, { roleName: "r", vaultAddress: "https://x", objects: yaml });
            planned++;
            for (const { source } of plan.secrets) {
              const { method, path, query, body = "{}", namespace = "n" } = source.ref as VaultRef;
              expect(path).toMatch(/^\/v1\/./s);
              expect(path.split("/")).not.toContain("..");
              expect(method).toMatch(/^[!-~]+$/);
              expect(`${query}${namespace}`).toMatch(/^[!-~]*$/);
              parseJson(body);
            }
          } catch (error) {
            if (!(error instanceof ProviderError)) throw error;
            expect(error.id).not.toBe("LK0001");
          }
        }),
        { numRuns: runs },
      );
      expect(planned).toBeGreaterThan(runs / 20);
    });
  }
});
