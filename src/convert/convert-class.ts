import { type Document, isMap, parseAllDocuments, Scalar, stringify } from "yaml";
import type { NativeForm } from "./to-native.ts";

/**
 * The document of a file with a SecretProviderClass of this name, its provider and parameters replaced; everything else, comments too,
 * stays. `kept` are parameters that every dialect has. Undefined where the name is in no document of its own.
 */
export function convertDocument(
  text: string,
  name: string,
  { stores, secrets }: NativeForm,
  kept: ReadonlyMap<string, string>,
): string | undefined {
  const document = parseAllDocuments(text).find((each) => isClass(each, name));
  if (document === undefined) return undefined;
  if (document.directives) document.directives.docStart = null;
  document.setIn(["spec", "provider"], "latchkey");
  const parameters = new Map<string, Scalar>();
  if (stores.size > 0) parameters.set("stores", block(withoutUndefined(Object.fromEntries(stores))));
  parameters.set("secrets", block(withoutUndefined(secrets)));
  for (const [parameter, value] of kept) parameters.set(parameter, quotedScalar(value));
  document.setIn(["spec", "parameters"], document.createNode(parameters));
  return document.toString({ lineWidth: 0 });
}

function isClass(document: Document, name: string): boolean {
  return (
    isMap(document.contents) &&
    document.get("kind") === "SecretProviderClass" &&
    document.getIn(["metadata", "name"]) === name
  );
}

/** YAML 1.1 quotes all that any reader could take for something else than text. */
function block(value: unknown): Scalar {
  const scalar = new Scalar(stringify(value, { lineWidth: 0, version: "1.1" }));
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

function quotedScalar(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/** Maps and lists without what is not written. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(fields.map(([name, each]) => [name, withoutUndefined(each)]));
}
