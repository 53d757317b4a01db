import { describe, expect, it } from "vitest";
import { keyOf, keyOfPod, sharedKey } from "../../src/cache/keys.ts";

describe("a key", () => {
  const values: readonly unknown[] = [
    "a",
    "b",
    "",
    "null",
    null,
    0,
    "0",
    false,
    [],
    {},
    ["a"],
    ["a", "b"],
    [["a"], "b"],
    "a,b",
    '["a","b"]',
    { a: "b" },
    { a: { b: "c" } },
    { a: "b", c: "d" },
    { a: ["b"] },
    JSON.parse('{"__proto__":"x"}'),
    { constructor: "x" },
  ];
  it("differs wherever the meaning does", () => {
    const keys = [...values.map((value) => keyOf(value)), keyOf("a", "b"), keyOf("b", "a"), keyOf("a", ""), keyOf()];
    expect(new Set(keys).size).toBe(keys.length);
  });

  const equal: readonly (readonly [string, unknown, unknown])[] = [
    ["the order of fields", { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ["the order of fields within a list", [{ a: 1, b: 2 }], [{ b: 2, a: 1 }]],
    ["a field that is undefined", { a: 1 }, { a: 1, b: undefined }],
  ];
  it.each(equal)("is the same whatever %s", (_, one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it("tells the order of a list", () => {
    expect(keyOf(["a", "b"])).not.toBe(keyOf(["b", "a"]));
  });

  it("of a pod is its own, and leads back to the shared one", () => {
    const key = keyOf("a");
    const pods = ["uid-1", "uid-2", "uid/3", ""].map((pod) => keyOfPod(key, pod));
    expect(new Set([key, ...pods]).size).toBe(5);
    expect([key, ...pods].map(sharedKey)).toEqual(Array.from({ length: 5 }, () => key));
  });
});
