import { type DialectName, dialectDefinition, dialectNames } from "../../dialects/index.ts";
import { dropInSchema, type JsonSchema } from "../../dialects/json-schema.ts";
import type { Stores } from "../../stores/store.ts";

/** JSON Schema (draft 2020-12) of SecretProviderClasses: of one dialect, or of each by its `provider`. */
export async function classSchema(stores: Stores, dialect: DialectName | undefined): Promise<JsonSchema> {
  const names = dialect === undefined ? dialectNames : [dialect];
  const cases = await Promise.all(
    names.map(async (name) => {
      const parameters = await parametersSchema(stores, name);
      return { properties: { provider: { const: name }, parameters }, required: ["parameters"] };
    }),
  );
  const [only] = cases;
  const spec = cases.length === 1 && only !== undefined ? only : { oneOf: cases };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `SecretProviderClass${dialect === undefined ? "" : ` of provider ${dialect}`}`,
    type: "object",
    properties: {
      apiVersion: { const: "secrets-store.csi.x-k8s.io/v1" },
      kind: { const: "SecretProviderClass" },
      metadata: { type: "object", required: ["name"] },
      spec: { type: "object", required: ["provider", "parameters"], ...withProvider(spec, names) },
    },
    required: ["apiVersion", "kind", "metadata", "spec"],
  };
}

/** The parameters of one dialect. */
export async function parametersSchema(stores: Stores, name: DialectName): Promise<JsonSchema> {
  const { words, judging } = dialectDefinition(name);
  return (await (await judging()).schema?.(stores)) ?? dropInSchema(words);
}

function withProvider(spec: JsonSchema, names: readonly DialectName[]): JsonSchema {
  return names.length === 1 ? spec : { properties: { provider: { enum: names } }, ...spec };
}
