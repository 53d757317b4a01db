import { Document, isMap, isScalar, parseAllDocuments, Scalar, visit } from "yaml";
import { nativeName } from "../dialects/native/name.ts";
import type { NativeForm } from "./to-native.ts";

/** The additions to the native form's own parameters. */
interface Beside {
  /** Parameters that every dialect has. */
  readonly kept: ReadonlyMap<string, string>;
  /** Why a region is written that the SecretProviderClass does not name. */
  readonly regionNote: string | undefined;
}

/**
 * The document of a file with a SecretProviderClass of this name, its provider and parameters replaced; everything else, comments too,
 * stays. Undefined where the name is in no document of its own.
 */
export function convertDocument(
  text: string,
  name: string,
  { stores, secrets }: NativeForm,
  { kept, regionNote }: Beside,
): string | undefined {
  const document = parseAllDocuments(text).find((each) => isClass(each, name));
  if (document === undefined) return undefined;
  if (document.directives) document.directives.docStart = null;
  document.setIn(["spec", "provider"], nativeName);
  const parameters = new Map<string, Scalar>();
  if (stores.size > 0) parameters.set("stores", block(withoutUndefined(Object.fromEntries(stores)), regionNote));
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

/** Returns a new SecretProviderClass of the native dialect; `secrets` name stores by their kinds. */
export function newClass(
  { name, namespace }: { readonly name: string; readonly namespace: string | undefined },
  stores: Readonly<Record<string, unknown>>,
  secrets: readonly unknown[],
): string {
  const document = new Document({
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { provider: nativeName },
  });
  const parameters = new Map([
    ["stores", block(stores)],
    ["secrets", block(withoutUndefined(secrets))],
  ]);
  document.setIn(["spec", "parameters"], document.createNode(parameters));
  return document.toString({ lineWidth: 0 });
}

/** YAML 1.1 quotes all that any reader could take for something else than text. */
function block(value: unknown, regionNote?: string): Scalar {
  const document = new Document(value, { version: "1.1" });
  visit(document, {
    Pair(_, { key, value: region }) {
      const isRegion = isScalar(key) && key.value === "region" && isScalar(region);
      if (isRegion && regionNote !== undefined) region.comment = ` assumed: ${regionNote}`;
    },
  });
  const scalar = new Scalar(document.toString({ lineWidth: 0 }));
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
