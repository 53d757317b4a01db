import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { schemaStores } from "../../src/cli/schema-stores.ts";
import { type DialectName, dialectNames } from "../../src/dialects/index.ts";
import type { JsonSchema } from "../../src/dialects/json-schema.ts";
import {
  expandWords,
  fileWords,
  kubernetesSecretWords,
  nativeParameters,
  secretWords,
  templateWords,
} from "../../src/dialects/native/words.ts";
import { classSchema, parametersSchema } from "../../src/lint/schema/class-schema.ts";
import { commonNames } from "../../src/plan/common-parameters.ts";
import { run } from "../cli/run.ts";
import { problemsOf } from "../dialects/plan-of.ts";
import { exampleFiles } from "../docs/documents.ts";

const common: readonly string[] = commonNames;

const stores = schemaStores();

interface Contents {
  readonly properties: Readonly<Record<string, { readonly contentSchema?: JsonSchema }>>;
}

/** Returns what a schema finds wrong with parameters: of their names, then of the YAML in each text. */
async function refusals(
  dialect: DialectName,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const schema = await parametersSchema(stores, dialect);
  const own = z.fromJSONSchema(schema as never).safeParse(parameters);
  const inner = Object.entries((schema as unknown as Contents).properties).flatMap(([name, { contentSchema }]) => {
    const text = parameters[name];
    if (contentSchema === undefined || text === undefined) return [];
    return z.fromJSONSchema(contentSchema as never).safeParse(parse(text)).success ? [] : [name];
  });
  return own.success ? inner : ["parameters", ...inner];
}

describe("latchkey schema", () => {
  it("takes every example of the documentation", async () => {
    for (const { yaml, place } of await exampleFiles()) {
      const { spec } = parse(yaml);
      expect([place, await refusals(spec.provider, spec.parameters)]).toEqual([place, []]);
    }
  });

  it.each<readonly [DialectName, Record<string, string>, readonly string[]]>([
    ["latchkey", { secrets: "[{ store: a, name: b, filez: [] }]" }, ["secrets"]],
    ["latchkey", { secrets: "[]", stores: "{ a: { kind: volt } }" }, ["stores"]],
    ["latchkey", { secrets: "[]", stores: "{ a: { kind: vault, address: [], role: r } }" }, ["stores"]],
    ["latchkey", { secrets: "[{ store: a, name: b, refresh: soon }]" }, ["secrets"]],
    ["latchkey", { secrets: "[{ store: a, name: b, versionStage: c, versionId: d }]" }, []],
    ["latchkey", { templates: "[{ path: a }]" }, ["parameters", "templates"]],
    ["latchkey", { secrets: "[]", kubernetesSecrets: "[{ name: a, data: { b: { file: c } } }]" }, []],
    ["latchkey", { secrets: "[]", kubernetesSecrets: "[{ name: a, data: { b: c } }]" }, ["kubernetesSecrets"]],
    [
      "latchkey",
      { secrets: "[]", kubernetesSecrets: "[{ name: a, data: { b: {} }, type: TLS }]" },
      ["kubernetesSecrets"],
    ],
    ["aws", { objects: "[{ objectName: a, objectType: ssm }]" }, ["objects"]],
    ["aws", { objects: "[]", regoin: "a" }, ["parameters"]],
    ["vault", { objects: "[{ objectName: a, filePermission: '0600' }]" }, ["objects"]],
    ["openbao", { objects: "[]", baoAddress: "https://a", vaultCAPem: "b" }, ["parameters"]],
  ])("judges %s %j", async (dialect, parameters, expected) => {
    expect(await refusals(dialect, parameters)).toEqual(expected);
  });

  it("tells providers apart, and prints one alone", async () => {
    const all = await classSchema(stores, undefined);
    const providers = (all as { properties: { spec: { oneOf: { properties: { provider: { const: string } } }[] } } })
      .properties.spec.oneOf;
    expect(providers.map(({ properties }) => properties.provider.const)).toEqual([...dialectNames]);
    // Longer than what a pipe takes at once.
    expect(JSON.parse((await run(["schema"])).stdout)).toEqual(JSON.parse(JSON.stringify(all)));
    const { code, stdout } = await run(["schema", "--dialect", "vault"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, JSON.parse(JSON.stringify(await classSchema(stores, "vault")))]);
  });
});

describe("the words of the native dialect", () => {
  const store = { stores: 'v: { kind: vault, address: "https://v", role: r }' };

  it.each([
    ["secrets", secretWords.map(({ name }) => ({ secrets: `[{ store: v, name: a, ${name}: }]` }))],
    ["files", fileWords.map(({ name }) => ({ secrets: `[{ store: v, name: a, files: [{ path: b, ${name}: }] }]` }))],
    ["expand", expandWords.map(({ name }) => ({ secrets: `[{ store: v, name: a, expand: { ${name}: } }]` }))],
    ["templates", templateWords.map(({ name }) => ({ secrets: "[]", templates: `[{ ${name}: }]` }))],
    [
      "kubernetesSecrets",
      kubernetesSecretWords.map(({ name }) => ({ secrets: "[]", kubernetesSecrets: `[{ ${name}: }]` })),
    ],
    [
      "parameters",
      nativeParameters.filter(({ name }) => !common.includes(name)).map(({ name }) => ({ secrets: "[]", [name]: "" })),
    ],
  ])("of %s are all known to the reader", async (_, cases) => {
    for (const parameters of cases) {
      const problems = await problemsOf("latchkey", { ...store, ...parameters });
      expect(problems.filter((problem) => /unknown|not supported yet/.test(problem))).toEqual([]);
    }
  });

  it.each([
    ["files", { secrets: "[{ store: v, name: a, files: [{ path: b, qqqqqqqqqqqqqq: 1 }] }]" }, fileWords],
    ["expand", { secrets: "[{ store: v, name: a, expand: { qqqqqqqqqqqqqq: 1 } }]" }, expandWords],
    ["templates", { secrets: "[]", templates: "[{ path: a, content: b, qqqqqqqqqqqqqq: 1 }]" }, templateWords],
    ["kubernetesSecrets", { secrets: "[]", kubernetesSecrets: "[{ qqqqqqqqqqqqqq: 1 }]" }, kubernetesSecretWords],
  ])("of %s are all that the reader knows", async (_, parameters, words) => {
    const [problem = ""] = await problemsOf("latchkey", { ...store, ...parameters });
    expect(/write one of (.+)$/.exec(problem)?.[1]?.split(", ").sort()).toEqual(words.map(({ name }) => name).sort());
  });
});

describe("docs/parameters.md", () => {
  it("has a heading for each provider", async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/parameters.md"), "utf8");
    for (const name of dialectNames) expect(page).toContain(`\n## \`provider: ${name}\`\n`);
  });
});
