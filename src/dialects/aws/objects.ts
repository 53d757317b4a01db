import { inTurns } from "../../async/turns.ts";
import { goList, isGoNull, type YamlField } from "../../formats/go-yaml.ts";
import { sigsFields, sigsText } from "../../formats/sigs-yaml.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { oneLine } from "../../plan/one-line.ts";
import type { Problems } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { noteMissingList } from "../missing-list.ts";

/** Where an entry starts, and where its fields' values are. */
interface Placed {
  readonly at: YamlPosition;
  readonly places: ReadonlyMap<string, YamlPosition>;
}

/** One entry of `objects` with the texts that today's provider sees in it; what is not there is empty. */
export interface ObjectDescriptor extends Placed {
  readonly objectName: string;
  readonly objectType: string;
  readonly objectAlias: string;
  readonly objectVersion: string;
  readonly objectVersionLabel: string;
  readonly filePermission: string;
  /** Files of single values. */
  readonly jmesPath: readonly JmesEntry[];
  /** The encoding that the file's content is decoded from; `""` or `base64`. */
  readonly decode: string;
  /** Go's text of a boolean: a file for each key instead of one for all. */
  readonly allKeys: string;
  /** The object to ask for in the failover regions, as far as it differs. */
  readonly failover: FailoverObject;
}

/** One entry of `jmesPath`. */
export interface JmesEntry extends Placed {
  readonly path: string;
  readonly objectAlias: string;
  readonly filePermission: string;
  readonly decode: string;
  /** Go's text of a boolean: what is no string is written as JSON. */
  readonly stringify: string;
}

/** The texts of `failoverObject`. */
interface FailoverObject extends Placed {
  readonly objectName: string;
  readonly objectVersion: string;
  readonly objectVersionLabel: string;
}

const textFields = [
  "objectName",
  "objectType",
  "objectAlias",
  "objectVersion",
  "objectVersionLabel",
  "filePermission",
  "decode",
  "allKeys",
] as const;

const jmesFields = ["path", "objectAlias", "filePermission", "decode", "stringify"] as const;

const failoverFields = ["objectName", "objectVersion", "objectVersionLabel"] as const;

/** The list of problems, for those of one field of an entry; of the entry where it has no such field. */
export function inField(problems: Problems, { at, places }: Placed, field: string): Problems {
  return problems.at({ parameter: "objects", ...(places.get(field) ?? at) });
}

const missing = {
  message: "the parameter is missing or empty, so the volume would have no files",
  fix: "list at least one object with objectName, or write [] for a volume without files",
};

const listForm = "write a YAML list of objects: - objectName: ...";

/**
 * Reads `objects` as today's provider does (sigs.k8s.io/yaml into a list of structs): field names in any case, unknown
 * fields passed over, YAML 1.1 scalars turned into text. Only `[]` says that there is nothing. Notes every problem; gives the
 * entries that have none.
 */
export async function readDescriptors(
  { parameters, texts }: Pick<DialectInput, "parameters" | "texts">,
  problems: Problems,
): Promise<readonly ObjectDescriptor[]> {
  const node = problems.attempt("objects", () => texts.yaml(parameters.get("objects") ?? ""), listForm);
  if (isGoNull(node) && node !== undefined) noteMissingList("objects", parameters, missing, problems);
  const items = problems.attempt("objects", () => (node === undefined ? [] : goList(node)), listForm) ?? [];
  const read = await inTurns(items, (item, index) => {
    const place = `objects[${index}]`;
    const inItem = problems.at(item.at);
    if (!isGoNull(item)) return readDescriptor(item, place, inItem);
    inItem.add("LK0003", place, "empty descriptor entry in SecretProviderClass", "remove the empty list item");
    return undefined;
  });
  return read.filter((descriptor) => descriptor !== undefined);
}

async function readDescriptor(
  item: YamlNode,
  place: string,
  problems: Problems,
): Promise<ObjectDescriptor | undefined> {
  const fields = problems.attempt(
    place,
    () => sigsFields(item, [...textFields, "jmesPath", "failoverObject"]),
    listForm,
  );
  if (fields === undefined) return undefined;
  const before = problems.count;
  const text = textsOf(fields, place, problems);
  const descriptor: ObjectDescriptor = {
    ...placesOf(item, fields),
    objectName: text("objectName"),
    objectType: text("objectType"),
    objectAlias: text("objectAlias"),
    objectVersion: text("objectVersion"),
    objectVersionLabel: text("objectVersionLabel"),
    filePermission: text("filePermission"),
    decode: text("decode"),
    allKeys: text("allKeys"),
    jmesPath: await readJmesPath(fields.get("jmesPath")?.value, `${place}.jmesPath`, problems),
    failover: readFailover(fields.get("failoverObject")?.value, `${place}.failoverObject`, problems),
  };
  if (descriptor.objectName === "" && problems.count === before) {
    const fix = "write the secret's name or ARN";
    inField(problems, descriptor, "objectName").add(
      "LK0003",
      `${place}.objectName`,
      "object name must be specified",
      fix,
    );
  }
  return problems.count === before ? descriptor : undefined;
}

async function readJmesPath(
  node: YamlNode | undefined,
  place: string,
  problems: Problems,
): Promise<readonly JmesEntry[]> {
  const items = problems.attempt(place, () => (node === undefined ? [] : goList(node)), jmesForm) ?? [];
  return await inTurns(items, (item, index) => {
    const at = `${place}[${index}]`;
    const read = () => (isGoNull(item) ? new Map() : sigsFields(item, jmesFields));
    const inItem = problems.at(item.at);
    const fields = inItem.attempt(at, read, jmesForm) ?? new Map();
    const text = textsOf(fields, at, inItem);
    return {
      ...placesOf(item, fields),
      path: text("path"),
      objectAlias: text("objectAlias"),
      filePermission: text("filePermission"),
      decode: text("decode"),
      stringify: text("stringify"),
    };
  });
}

const jmesForm = "write a list: [{ path: ..., objectAlias: ... }]";

function readFailover(node: YamlNode | undefined, place: string, problems: Problems): FailoverObject {
  const read = () => (node === undefined ? undefined : sigsFields(node, failoverFields));
  const fields = problems.attempt(place, read, failoverForm) ?? new Map();
  const text = textsOf(fields, place, problems);
  return {
    ...placesOf(node, fields),
    objectName: text("objectName"),
    objectVersion: text("objectVersion"),
    objectVersionLabel: text("objectVersionLabel"),
  };
}

const failoverForm = "write a map: { objectName: ... }";

/** Of nothing the place is the document's start; it has no problems. */
function placesOf(node: YamlNode | undefined, fields: ReadonlyMap<string, YamlField>): Placed {
  const places = new Map([...fields].map(([name, { value }]) => [name, value.at]));
  return { at: node?.at ?? { line: 1, column: 1 }, places };
}

/** Reads a field's text; notes what is none. A JMESPath may have several lines. */
function textsOf(fields: ReadonlyMap<string, YamlField>, place: string, problems: Problems) {
  return (name: string) => {
    const value = fields.get(name)?.value;
    const inField = problems.at(value?.at);
    const text = inField.attempt(`${place}.${name}`, () => sigsText(value)) ?? "";
    return name === "path" ? text : oneLine(text, `${place}.${name}`, inField);
  };
}
