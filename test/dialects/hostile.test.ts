import { describe, expect, it } from "vitest";
import { type DialectName, dialectNames } from "../../src/dialects/index.ts";
import { planOf } from "../../src/dialects/plan-of.ts";
import { ProviderError } from "../../src/errors.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { inputOf } from "./plan-of.ts";

const surroundings = { aws: { region: "eu-west-1" }, tlsDir: "/tls" };
const secret = "hunter2-hunter2-hunter2";

/** Plans and gives what went wrong; lets anything but a `ProviderError` fail the test. */
async function outcomeOf(name: DialectName, parameters: ReadonlyMap<string, string>): Promise<string> {
  try {
    await planOf(name, inputOf(parameters, surroundings));
    return "a plan";
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    expect(error.id).not.toBe("LK0001");
    return error.id;
  }
}

const yamlPieces = fc.constantFrom(
  ..."- |: |, |[|]|{|}|\n|  |&a |*a|<<: |!!int |!!binary |'|\"|0600|~|null|objectName|secretPath|secretArgs|filePermission|objectType: secretsmanager|method: PUT|secretArgs: {|: .inf|: 2020-01-01|? |secretNamespace: a|output: data|objectName: b|secretPath: c|secretKey: d|jmesPath|store|name|files|path|key|mode|kind: vault|address|role|profile|resourceName|extractJSONKey|mode: 420|array: |objectType: secret|objectFormat: pfx|objectVersionHistory: 3|__proto__|constructor|toString|\ud800|../|/".split(
    "|",
  ),
);
const yamlish = fc.array(yamlPieces, { maxLength: 40 }).map((pieces) => pieces.join(""));
const jsonish = fc.json({ stringUnit: "binary" });
const text = fc.oneof(yamlish, jsonish, fc.string({ unit: "binary" }));

const suffixes =
  "Address Namespace AuthMountPath KubernetesMountPath SkipTLSVerify TLSServerName CACert CACertPath CADirectory TLSClientCertPath TLSClientKeyPath AuthMethod RoleName".split(
    " ",
  );
const keys = fc.constantFrom(
  ..."objects stores secrets roleName audience region roleArn pathTranslation usePodIdentity failoverRegion auth keyvaultName tenantID clientID cloudName useVMManagedIdentity __proto__".split(
    " ",
  ),
  ...["vault", "bao", "openbao"].flatMap((prefix) => suffixes.map((suffix) => `${prefix}${suffix}`)),
);
const words = fc.constantFrom(
  ..."true|false|cert|approle|jwt|https://x|https://x,http://y|unix:///a|,|/tls/a|/../b|-----BEGIN CERTIFICATE-----|r|\0|..".split(
    "|",
  ),
);
const parameters = fc.array(fc.tuple(keys, fc.oneof(words, text)), { maxLength: 8 }).map((pairs) => new Map(pairs));

describe("hostile parameters", () => {
  for (const name of dialectNames) {
    it(`get a plan or a ProviderError from ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(parameters, async (generated) => {
          expect(await outcomeOf(name, generated)).toMatch(/^LK00|^a plan$/);
        }),
        { numRuns: scaled(1_000) },
      );
    });

    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[..."bcdefghij"].map((letter, n) => `${letter}: &${letter} [${Array(10).fill(`*${"abcdefghij"[n]}`)}]`).join("\n")}`;
    const documents: readonly (readonly [what: string, yaml: string])[] = [
      ["a YAML bomb", bomb],
      ["20,000 open brackets", "[".repeat(20_000)],
      ["20,000 open braces", "{a: ".repeat(20_000)],
      ["20,000 dashes", "- ".repeat(20_000)],
      ["5 MiB", "x".repeat(5 * 1024 * 1024)],
    ];
    for (const [what, yaml] of documents) {
      it(`end in an error of ${name} for ${what}`, async () => {
        const all = new Map(["objects", "stores", "secrets"].map((key) => [key, yaml]));
        expect(await outcomeOf(name, new Map([...all, ["roleName", "r"]]))).toBe("LK0003");
      });
    }
  }

  it("are read in good time, however they are made up", async () => {
    const size = 120 * 1024;
    const files = Array.from({ length: 3_000 }, (_, n) => `{path: ${n}${"/a".repeat(4)}}`).join(",");
    const slow: readonly string[] = [
      "]".repeat(size),
      `[${",".repeat(size)}`,
      "#\n".repeat(size / 2),
      "? ".repeat(size / 2),
      `- {store: a, name: b, files: [${files}]}`,
      `- {store: a, name: b, files: [{path: ${"a/".repeat(size / 2)}b}, {path: a}]}`,
      `- {store: a, name: b, files: [{path: a, key: ${"a.".repeat(size / 2)}b}]}`,
    ];
    for (const yaml of slow) {
      // A quadratic reading would run into the test's time limit, or out of memory.
      expect(await outcomeOf("latchkey", new Map([["secrets", yaml]]))).toBe("LK0003");
    }
  });
});

describe("errors of dialects", () => {
  const many = [
    { entries: 900, rest: "700 more problems" },
    { entries: 1_000, rest: "800 more problems" },
    { entries: 5_000, rest: "at least 800 more problems" },
  ];
  it.each(many)("keep the first 200 of $entries problems and tell of $rest", async ({ entries, rest }) => {
    const dialect = "aws";
    const parameters = new Map([["objects", "- null\n".repeat(entries)]]);
    await expect(planOf(dialect, inputOf(parameters, { aws: { region: "eu-west-1" } }))).rejects.toMatchObject({
      message: "201 problems",
      problems: expect.arrayContaining([expect.objectContaining({ message: rest })]),
    });
  });

  it("keep one problem on one line, whatever names a SecretProviderClass invents", async () => {
    const evil = '"a\\nLK0001 spoofed"';
    const parameters = new Map([
      ["evil\nname", "x"],
      ["stores", `${evil}: { kind: vault, ${evil}: 1 }`],
      ["secrets", `[{ store: x, ${evil}: 1, files: [{ path: ${evil}, ${evil}: 1, key: ${evil}, mode: ${evil} }] }]`],
    ]);
    const dialect = "latchkey";
    const error = await planOf(dialect, inputOf(parameters)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderError);
    const lines = error instanceof ProviderError ? error.problems.map((problem) => problem.describe()) : [];
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
  });

  const evilName = '"a\\nLK0001 spoofed"';
  const evilEntry = (...fields: readonly string[]) =>
    `{ ${fields.map((field) => `${field}: ${evilName}`).join(", ")} }`;
  const evilObjects: readonly (readonly [dialect: DialectName, parameters: Readonly<Record<string, string>>])[] = [
    [
      "vault",
      { objects: `- ${evilEntry("objectName", "secretPath", "method", "encoding", "filePermission", evilName)}` },
    ],
    ["aws", { objects: `- ${evilEntry("objectName", "objectType", "filePermission", "jmesPath", evilName)}` }],
    ["gcp", { auth: "a\nb", secrets: `- ${evilEntry("resourceName", "path", "extractJSONKey", "mode", evilName)}` }],
    ["gcp", { "secrets\n": "", secrets: "" }],
    ["azure", { keyvaultName: "a\nb", tenantID: "a\nb", objects: `${evilName}: []` }],
    [
      "azure",
      { objects: `array: [${JSON.stringify(evilEntry("objectName", "objectType", "filePermission"))}, {}, "[", 1]` },
    ],
    ["azure", { "object\n": "array: []" }],
  ];
  it.each(evilObjects)("keep one problem of %s on one line, its cure too: %j", async (dialect, parameters) => {
    const error = await planOf(dialect, inputOf(new Map(Object.entries(parameters)))).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProviderError);
    if (!(error instanceof ProviderError)) return;
    const all = error.problems.length === 0 ? [error] : error.problems;
    const texts = all.map(({ message, details }) => `${details.subject}: ${message}. Fix: ${details.fix}`);
    expect(texts.filter((text) => /\p{Cc}/u.test(text))).toEqual([]);
  });

  it("do not quote what could be a secret", async () => {
    const yaml = `- objectName: a\n  secretPath: b\n  store: s\n  password: "${secret}\n`;
    for (const name of dialectNames) {
      const text = name === "azure" ? `array:\n  - |\n${yaml.replace(/^/gm, "    ")}` : yaml;
      const all = new Map(["objects", "stores", "secrets"].map((key) => [key, text]));
      const error = await planOf(name, inputOf(all)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ProviderError);
      if (!(error instanceof ProviderError)) continue;
      const told = [error, ...error.problems].map(
        (problem) => `${problem.describe()} ${problem.stack} ${problem.cause}`,
      );
      expect(told.join("\n")).not.toContain(secret);
    }
  });
});
