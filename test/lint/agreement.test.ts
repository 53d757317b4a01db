import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type DialectName, dialectNames } from "../../src/config/dialect-names.ts";
import { dialectWords } from "../../src/lint/schema/words.ts";
import { problemsOf } from "../dialects/plan-of.ts";
import { lintText } from "./lint-of.ts";

/** What fields hold: mostly right, sometimes anything. */
const value = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "a",
      "b/c",
      "vault",
      "secretsmanager",
      "ssmparameter",
      "0440",
      "base64",
      "tls",
      "db",
      "10m",
      "true",
    ),
  },
  fc.constantFrom(
    "",
    "..",
    "../x",
    "/x",
    "a//b",
    "..data",
    "\u0000",
    "{{ db.a }}",
    "a[",
    "(",
    "__proto__",
    "é".repeat(300),
  ),
  fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null)),
);

const nativeFields = [
  "store",
  "name",
  "as",
  "optional",
  "default",
  "refresh",
  "maxStale",
  "fallback",
  "key",
  "jmesPath",
  "decode",
  "format",
  "files",
  "expand",
  "find",
];

function fieldsOf(names: readonly string[], inner: fc.Arbitrary<unknown>) {
  return fc.dictionary(fc.constantFrom(...names), inner, { maxKeys: 5 });
}

const file = fieldsOf(["path", "key", "mode", "jmesPath", "decode", "default"], value);
const nested = fc.oneof(
  value,
  value,
  fc.array(file, { maxLength: 3 }),
  fieldsOf(["path", "include", "objectName"], value),
);

/** Entries that are right as far as they go, with some fields replaced. */
function entriesOf(base: object, names: readonly string[]) {
  const entry = fieldsOf(names, nested).map((fields) => ({ ...base, ...fields }));
  return fc.oneof({ weight: 5, arbitrary: fc.array(entry, { maxLength: 3 }) }, nested);
}

const parameters: Readonly<Record<DialectName, fc.Arbitrary<Record<string, unknown>>>> = {
  latchkey: fc.record(
    {
      stores: fc.constantFrom<unknown>(
        { vault: { kind: "vault", address: "https://v", role: "r" } },
        { vault: { kind: "volt" } },
        [],
      ),
      secrets: entriesOf({ store: "vault", name: "a", files: [{ path: "f" }] }, nativeFields),
      templates: entriesOf({ path: "t", content: "x" }, ["path", "content", "mode"]),
    },
    { requiredKeys: ["stores", "secrets"] },
  ),
  vault: dropIn("vault", { objectName: "a", secretPath: "b" }, { roleName: "r" }),
  openbao: dropIn("openbao", { objectName: "a", secretPath: "b" }, { roleName: "r" }),
  aws: dropIn("aws", { objectName: "a", objectType: "secretsmanager" }, { region: "eu-west-1" }),
};

function dropIn(name: Exclude<DialectName, "latchkey">, base: object, always: Record<string, string>) {
  const { parameters: top, fields } = dialectWords[name];
  const others = fc.dictionary(fc.constantFrom(...top.map((word) => word.name)), value, { maxKeys: 2 });
  const objects = entriesOf(
    base,
    fields.map((word) => word.name),
  );
  return fc
    .tuple(others, objects)
    .map(([more, list]): Record<string, unknown> => ({ ...always, ...more, objects: list }));
}

/** Parameters as an author writes them: texts as they are, the rest as YAML in a text. */
function written(values: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(values).map(([name, each]) => [
    name,
    typeof each === "string" ? each : stringify(each),
  ]);
  return Object.fromEntries(entries);
}

/** A region of the operator: where there is none, lint takes one that fits, as a mount takes the node's own. */
const around = { profiles: [], aws: { region: "eu-west-1" } };

describe("lint and the mount's plan", () => {
  it.each(dialectNames)(
    "agree about 5,000 generated SecretProviderClasses of %s, in any style of YAML",
    async (provider) => {
      const styles = fc.constantFrom("BLOCK_LITERAL", "QUOTE_DOUBLE", "PLAIN", "BLOCK_FOLDED" as const);
      let clean = 0;
      await fc.assert(
        fc.asyncProperty(parameters[provider].map(written), styles, async (texts, style) => {
          const object = {
            apiVersion: "secrets-store.csi.x-k8s.io/v1",
            kind: "SecretProviderClass",
            metadata: { name: "a", namespace: "shop" },
            spec: { provider, parameters: texts },
          };
          const yaml = stringify(object, { defaultStringType: style as "BLOCK_LITERAL", version: "1.1" });
          const { findings } = await lintText(yaml, around);
          const own = Object.fromEntries(Object.entries(texts).filter(([name]) => name !== "notBefore"));
          const problems = await problemsOf(provider, own, around);
          const found = findings.filter(
            ({ severity, id, subject }) => severity === "error" && id.startsWith("LK") && subject !== "notBefore",
          );
          if (found.length !== problems.length) throw new Error(JSON.stringify({ yaml, found, problems }, null, 1));
          const lines = yaml.split("\n").length;
          if (!findings.every(({ line, column }) => line >= 1 && line <= lines && column >= 1))
            throw new Error("a place outside of the file");
          if (problems.length === 0) clean++;
        }),
        { numRuns: 5_000 },
      );
      // Neither side of the question may be rare.
      expect(clean).toBeGreaterThan(150);
      expect(clean).toBeLessThan(4_850);
    },
    120_000,
  );
});
