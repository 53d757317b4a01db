import { stringify } from "yaml";
import { type DialectName, dialectDefinition } from "../../src/dialects/index.ts";
import fc from "../property.ts";

/** Values of fields: mostly right, sometimes anything. */
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

/** Entries with a search that is mostly right. */
const searching = fc
  .tuple(
    fieldsOf(["pattern", "limit", "tags", "kv", "mount", "prefx"], value),
    fieldsOf(["as", "name", "optional", "fallback", "files", "share"], nested),
  )
  .map(([find, fields]) => ({ store: "vault", find: { prefix: "a/data/b/", ...find }, expand: {}, ...fields }));

/** Entries that are right as far as they go, with some fields replaced. */
function entriesOf(base: object, names: readonly string[]) {
  const entry = fieldsOf(names, nested).map((fields) => ({ ...base, ...fields }));
  return fc.oneof({ weight: 5, arbitrary: fc.array(entry, { maxLength: 3 }) }, nested);
}

const values: Readonly<Record<DialectName, fc.Arbitrary<Record<string, unknown>>>> = {
  latchkey: fc.record(
    {
      stores: fc.constantFrom<unknown>(
        { vault: { kind: "vault", address: "https://v", role: "r" } },
        { vault: { kind: "volt" } },
        [],
      ),
      secrets: fc.oneof(
        entriesOf({ store: "vault", name: "a", files: [{ path: "f" }] }, nativeFields),
        fc.array(searching, { maxLength: 2 }),
      ),
      templates: entriesOf({ path: "t", content: "x" }, ["path", "content", "mode"]),
    },
    { requiredKeys: ["stores", "secrets"] },
  ),
  vault: dropIn("vault", { objectName: "a", secretPath: "b" }, { roleName: "r" }),
  openbao: dropIn("openbao", { objectName: "a", secretPath: "b" }, { roleName: "r" }),
  aws: dropIn("aws", { objectName: "a", objectType: "secretsmanager" }, { region: "eu-west-1" }),
  gcp: dropIn("gcp", { resourceName: "projects/p/secrets/s/versions/latest", path: "a" }, {}),
  azure: dropIn("azure", { objectName: "a", objectType: "secret" }, { keyvaultName: "shop", tenantID: "t" }).map(
    wrapped,
  ),
};

function dropIn(name: Exclude<DialectName, "latchkey">, base: object, always: Record<string, string>) {
  const { parameters: top, fields, list: listed } = dialectDefinition(name).words;
  const others = fc.dictionary(fc.constantFrom(...top.map((word) => word.name)), value, { maxKeys: 2 });
  const objects = entriesOf(
    base,
    fields.map((word) => word.name),
  );
  return fc
    .tuple(others, objects)
    .map(([more, list]): Record<string, unknown> => ({ ...always, ...more, [listed]: list }));
}

/** The Azure provider's list stands in a map, and its entries are texts. */
function wrapped({ objects, ...others }: Record<string, unknown>): Record<string, unknown> {
  const list = Array.isArray(objects) ? objects.map((each) => stringify(each)) : objects;
  return { ...others, objects: { array: list } };
}

/** Parameters as an author writes them: texts as they are, the rest as YAML in a text. */
function written(values: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(values).map(([name, each]) => [
    name,
    typeof each === "string" ? each : stringify(each),
  ]);
  return Object.fromEntries(entries);
}

/** Parameters of each dialect: about half of them right, the others wrong in one way or several. */
export const generatedParameters: Readonly<Record<DialectName, fc.Arbitrary<Record<string, string>>>> = {
  latchkey: values.latchkey.map(written),
  vault: values.vault.map(written),
  openbao: values.openbao.map(written),
  aws: values.aws.map(written),
  gcp: values.gcp.map(written),
  azure: values.azure.map(written),
};
