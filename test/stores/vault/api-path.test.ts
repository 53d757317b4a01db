import { describe, expect, test } from "vitest";
import { ProviderError } from "../../../src/errors.ts";
import { encodePath, parseApiPath } from "../../../src/stores/vault/api-path.ts";

const accepted: readonly [secretPath: string, path: string, query: string][] = [
  ["secret/data/db", "/v1/secret/data/db", ""],
  ["/secret/data/db", "/v1/secret/data/db", ""],
  ["v1/secret/data/db", "/v1/secret/data/db", ""],
  ["/v1/secret/data/db", "/v1/secret/data/db", ""],
  ["/v2/a", "/v1/v2/a", ""],
  ["v1", "/v1/v1", ""],
  ["secret/metadata/", "/v1/secret/metadata", ""],
  ["secret//a/./b/../c", "/v1/secret/a/c", ""],
  ["/v1/../v1/x", "/v1/x", ""],
  ["secret/data/a?version=3", "/v1/secret/data/a", "version=3"],
  ["a?z=1&b=2", "/v1/a", "b=2&z=1"],
  ["a?a=b+c%20d", "/v1/a", "a=b+c+d"],
  ["a?a&a=1", "/v1/a", "a=&a=1"],
  ["a?x=1?y&&", "/v1/a", "x=1%3Fy"],
  ["a?k=%ff%41", "/v1/a", "k=%FFA"],
  ["a?b=é&a=(*)", "/v1/a", "a=%28%2A%29&b=%C3%A9"],
  ["a?", "/v1/a", ""],
  ["with space/é%#", "/v1/with space/é%#", ""],
  ["a/50%/x", "/v1/a/50%/x", ""],
];

const refused = [
  "",
  "/",
  ".",
  "..",
  "../x",
  "../../etc",
  "a/../..",
  "a/../../x",
  "v1/..",
  "a?b;c",
  "a?%",
  "a?x=%4",
  "a?x=%zz",
  "a/%2F/b",
  "a/%2e%2E/b",
  "a%20b",
  "a\\..\\b",
  "a/\u0000",
  "a\n",
  "a/..;x/b",
  "a/\ud800",
];

describe("a Vault secret path", () => {
  for (const [secretPath, path, query] of accepted) {
    test(`${JSON.stringify(secretPath)} asks for ${path} with the query ${JSON.stringify(query)}`, () => {
      expect(parseApiPath(secretPath)).toEqual({ path, query });
    });
  }

  for (const secretPath of refused) {
    test(`${JSON.stringify(secretPath)} is refused`, () => {
      expect(() => parseApiPath(secretPath)).toThrow(ProviderError);
      expect(() => parseApiPath(secretPath)).toThrow(expect.objectContaining({ id: "LK0003" }));
    });
  }
});

describe("the length of a Vault secret path", () => {
  const longest = `a/${"é".repeat(4090)}`; // 8,186 bytes with /v1/
  test("is 8 KiB at most, as it is when it is cleaned, query included", () => {
    expect(Buffer.byteLength(parseApiPath(`/v1/./${longest}//xxxxx/`).path)).toBe(8192);
    for (const path of [`${longest}/xxxxxx`, `${longest}/x?a=12345`, "x".repeat(70_000)]) {
      expect(() => parseApiPath(path)).toThrow(
        expect.objectContaining({
          id: "LK0003",
          message: expect.stringMatching(/^the secret path ".*" is longer than 8 KiB$/),
        }),
      );
    }
  });
});

test("a path is escaped as Go's net/url escapes it", () => {
  expect(encodePath("/v1/a b/%2F/$&+,/:;=@-_.~/!'()*[]/é?#\u0000\n")).toBe(
    "/v1/a%20b/%252F/$&+,/:;=@-_.~/%21%27%28%29%2A%5B%5D/%C3%A9%3F%23%00%0A",
  );
});
