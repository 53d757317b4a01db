import { goFields, goList, goText, goUint32, isGoNull, type YamlField } from "../../formats/go-yaml.ts";
import { readYaml } from "../../formats/read-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { type Problems, quoted } from "../problems.ts";
import type { SecretConfig } from "./secret-config.ts";

const listForm = "write a YAML list of objects: - objectName: ...";

/**
 * Reads `objects` as today's provider does (yaml.v3 into a list of structs): field names are case-sensitive, unknown
 * fields and empty items are passed over, texts keep their source. Notes every problem; gives the entries that have
 * none, or `undefined` where not one entry could be told.
 */
export function readObjects(text: string, problems: Problems): readonly SecretConfig[] | undefined {
  const before = problems.count;
  const items = problems.attempt("objects", () => goList(readYaml(text)), listForm) ?? [];
  const objects = items.flatMap((item, index) => {
    const object = isGoNull(item) ? undefined : readObject(item, `objects[${index}]`, problems);
    return object === undefined ? [] : [object];
  });
  return objects.length === 0 && problems.count > before ? undefined : objects;
}

/** Notes what holds for the entries together: there is one, and no two have one name. */
export function checkNames(objects: readonly SecretConfig[], problems: Problems): void {
  if (objects.length === 0) {
    problems.add(
      "LK0003",
      "objects",
      "no secrets configured",
      "list at least one object with objectName and secretPath",
    );
  }
  const seen = new Set<string>();
  const repeats = objects.map((object) => object.objectName).filter((name) => seen.size === seen.add(name).size);
  if (repeats.length === 0) return;
  const message = `each \`objectName\` must be unique, but the following keys were duplicated: ${repeats.map(quoted).join(", ")}`;
  problems.add("LK0003", "objects", message, "rename all but one: objectName is the file's path");
}

function readObject(item: YamlNode, place: string, problems: Problems): SecretConfig | undefined {
  const fields = problems.attempt(place, () => goFields(item, "v3"), listForm);
  if (fields === undefined) return undefined;
  const before = problems.count;
  const text = (name: string) => readField(fields, place, name, goText, problems) ?? "";
  const object: SecretConfig = {
    objectName: text("objectName"),
    secretPath: text("secretPath"),
    secretKey: text("secretKey"),
    method: text("method"),
    filePermission: readField(fields, place, "filePermission", goUint32, problems) ?? 0,
    encoding: text("encoding"),
  };
  noteSecretArgs(fields.get("secretArgs"), place, problems);
  return problems.count === before ? object : undefined;
}

function readField<T>(
  fields: ReadonlyMap<string, YamlField>,
  place: string,
  name: string,
  read: (node: YamlNode | undefined) => T,
  problems: Problems,
): T | undefined {
  return problems.attempt(`${place}.${name}`, () => read(fields.get(name)?.value));
}

function noteSecretArgs(field: YamlField | undefined, place: string, problems: Problems): void {
  if (field === undefined || isGoNull(field.value)) return;
  const subject = `${place}.secretArgs`;
  if (field.value.kind === "map") {
    problems.add("LK0004", subject, "secretArgs is not supported yet", "read a secret that needs no request body");
  } else {
    problems.add("LK0003", subject, `a map is needed at line ${field.at.line}, column ${field.at.column}`);
  }
}
