import { describe, expect, test } from "vitest";
import { JsonNumber } from "../../../src/formats/json.ts";
import { nameOfVaultRef, vaultRef } from "../../../src/stores/vault/ref.ts";

const plain = { method: "GET", path: "/v1/pki/issue/web", query: "" };

function read(more: object) {
  const parsed = vaultRef.safeParse({ name: "pki/issue/web", ...more });
  return parsed.success ? parsed.data : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const map = new Map<string, unknown>([
  ["z", new JsonNumber("2.50")],
  ["a", ["<x>", null, true, new Map([["k", new JsonNumber("1E5")]])]],
  ["__proto__", "v"],
]);

const rows: readonly [fields: object, ref: object | readonly string[]][] = [
  [{}, plain],
  [{ method: "get" }, plain],
  [
    { method: "put", args: { ttl: "24h", common_name: "a.test" } },
    { ...plain, method: "PUT", body: '{"common_name":"a.test","ttl":"24h"}' },
  ],
  [{ args: map }, { ...plain, body: '{"__proto__":"v","a":["\\u003cx\\u003e",null,true,{"k":1E5}],"z":2.50}' }],
  [{ args: {} }, { ...plain, body: "{}" }],
  [{ args: { n: 1e21, o: { x: [1.5] } } }, { ...plain, body: '{"n":1e+21,"o":{"x":[1.5]}}' }],
  [{ namespace: "/team/shop/" }, { ...plain, namespace: "team/shop" }],
  [{ args: [1] }, ["args: must be a map of values that JSON knows"]],
  [{ args: "x" }, ["args: must be a map of values that JSON knows"]],
  [{ args: { a: Number.NaN } }, ["args: must be a map of values that JSON knows"]],
  [{ args: { a: () => 1 } }, ["args: must be a map of values that JSON knows"]],
  [{ method: "GE T" }, ["method: must be an HTTP method, such as GET, LIST or PUT"]],
  [{ method: "connect" }, ["method: must be a method that Vault knows, such as GET, LIST or PUT"]],
  [{ namespace: "a b" }, ["namespace: must be visible ASCII characters without spaces"]],
  [{ name: "../x" }, [expect.stringMatching(/^name: the secret path "..\/x" must not contain . or .. as a part/)]],
  [{ namespace: "root" }, { ...plain, namespace: "" }],
  [{ version: "previous" }, { ...plain, previous: true }],
  [{ version: 3 }, ["version: must be previous; write a number behind the name, as in ?version=3"]],
  [
    { version: "previous", method: "PUT" },
    ["version: previous excludes a method, args and a query: the current version is read first"],
  ],
];

describe("a Vault ref of the native dialect", () => {
  for (const [at, [fields, ref]] of rows.entries()) {
    test(`${at}: ${JSON.stringify(fields)}`, () => {
      expect(read(fields)).toEqual(ref);
    });
  }

  test("is named by its path, and by its method where that is not the usual one", () => {
    expect(nameOfVaultRef({ ...plain, query: "a=1" })).toBe("pki/issue/web?a=1");
    expect(nameOfVaultRef({ ...plain, method: "PUT", body: "{}" })).toBe("PUT pki/issue/web");
  });
});
