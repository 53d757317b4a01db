import { describe, expect, it } from "vitest";
import { parseConfigFile } from "../../src/config/config-file.ts";
import { options } from "../../src/node/options.ts";

function read(text: string) {
  return parseConfigFile(Buffer.from(text), "c.yaml", options);
}

function complaint(text: string): string {
  try {
    read(text);
    return "no error";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

describe("a config file", () => {
  const texts: readonly [yaml: string, text: string][] = [
    ["tokenIssuer: 1.0", "1.0"],
    ["tokenIssuer: 0x1F", "0x1F"],
    ["tokenIssuer: 1e3", "1e3"],
    ["tokenIssuer: True", "True"],
    ["tokenIssuer: 'null'", "null"],
    ['tokenIssuer: "a\\tb"', "a\tb"],
    ["tokenIssuer: |-\n  long", "long"],
    ["drain: &time 7s\ntokenIssuer: *time", "7s"],
  ];
  it.each(texts)("keeps the text of a scalar: %s", (yaml, text) => {
    expect(read(yaml).settings.get("tokenIssuer")).toBe(text);
  });

  it("takes any of YAML's words for true and false where a switch is meant", () => {
    expect([..."True TRUE true".split(" ")].map((word) => read(`allowDiskTarget: ${word}`).settings)).toEqual(
      Array.from({ length: 3 }, () => new Map([["allowDiskTarget", "true"]])),
    );
  });

  it("takes a list where the setting is one", () => {
    expect(read("allowAddress: [10.0.0.1, &a 1.0, *a]").settings.get("allowAddress")).toBe("10.0.0.1,1.0,1.0");
    expect(read("providers: []").settings.get("providers")).toBe("");
  });

  it("makes nothing but a name of __proto__, in profiles and in their settings", () => {
    const { profiles } = read(
      "profiles:\n  __proto__: { kind: file, __proto__: { directory: /x }, a: { __proto__: 1 } }",
    );
    const settings = profiles.get("__proto__")?.settings ?? {};
    expect(Object.keys(settings)).toEqual(["__proto__", "a"]);
    expect([Object.getPrototypeOf(settings), Object.getPrototypeOf(settings.a)]).toEqual([null, null]);
    expect(settings.directory).toBe(undefined);
  });

  const one = "must be text, a number or true/false";
  const many = "must be text, a number, true/false or a list of them";
  const wrong: readonly [yaml: string, message: string][] = [
    ["drain:", `drain: ${one}`],
    ["drain: ~", `drain: ${one}`],
    ["drain: [1s]", `drain: ${one}`],
    ["socketDir: { a: b }", `socketDir: ${one}`],
    ["allowAddress: { a: b }", `allowAddress: ${many}`],
    ["allowAddress: [~]", `allowAddress: ${many}`],
    ["allowAddress: [[a]]", `allowAddress: ${many}`],
    ["config: x", "a config file cannot name another one; remove config"],
    ["a: *nowhere", "not valid YAML (an alias without its anchor, or far too many aliases); correct it"],
    ["profiles: []", "profiles must be a map from a profile's name to its settings"],
    ["profiles: { a: }", "profiles.a: must be a map of settings"],
    ["profiles: { a: {} }", "profiles.a.kind: is missing"],
    ["profiles: { a: { kind: 1 } }", "profiles.a.kind: must be text"],
    ["profiles: { a: { kind: file, namespaces: shop } }", "profiles.a.namespaces: must be a list of namespaces"],
    [
      "profiles: { a: { kind: file, namespaces: [] } }",
      "profiles.a.namespaces: must name a namespace; leave it out for every namespace",
    ],
    [
      "profiles: { a: { kind: file, namespaces: [1] } }",
      "profiles.a.namespaces.0: must be the name of a namespace, or a pattern such as team-*",
    ],
    ["profiles: { a: &a { kind: file, b: *a } }", "profiles.a: nested too deeply; keep to 16 levels"],
  ];
  it.each(wrong)("is refused in clear words: %s", (yaml, message) => {
    expect(complaint(yaml)).toBe(`ConfigError: c.yaml: ${message}`);
  });
});
