import { goList, isGoNull, type YamlField } from "../../formats/go-yaml.ts";
import { readYaml } from "../../formats/read-yaml.ts";
import { sigsFields, sigsText } from "../../formats/sigs-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { type Problems, quoted } from "../problems.ts";

/** One entry of `objects` with the texts that today's provider sees in it; what is not there is empty. */
export interface ObjectDescriptor {
  readonly objectName: string;
  readonly objectType: string;
  readonly objectAlias: string;
  readonly objectVersion: string;
  readonly objectVersionLabel: string;
  readonly filePermission: string;
  /** What is asked for in the failover region, where it differs. */
  readonly failover: FailoverObject;
}

/** The texts of `failoverObject`. */
interface FailoverObject {
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
] as const;

const failoverFields = ["objectName", "objectVersion", "objectVersionLabel"] as const;

/** Fields that would bring other files or other bytes, so that passing over them is no option. */
const notYet = ["jmesPath"] as const;

const listForm = "write a YAML list of objects: - objectName: ...";

/**
 * Reads `objects` as today's provider does (sigs.k8s.io/yaml into a list of structs): field names in any case, unknown
 * fields passed over, YAML 1.1 scalars turned into text. Notes every problem; gives the entries that have none.
 */
export function readDescriptors(text: string, problems: Problems): readonly ObjectDescriptor[] {
  const items = problems.attempt("objects", () => goList(readYaml(text)), listForm) ?? [];
  return items.flatMap((item, index) => {
    const place = `objects[${index}]`;
    if (isGoNull(item)) {
      problems.add("LK0003", place, "empty descriptor entry in SecretProviderClass", "remove the empty list item");
      return [];
    }
    const descriptor = readDescriptor(item, place, problems);
    return descriptor === undefined ? [] : [descriptor];
  });
}

function readDescriptor(item: YamlNode, place: string, problems: Problems): ObjectDescriptor | undefined {
  const fields = problems.attempt(
    place,
    () => sigsFields(item, [...textFields, "failoverObject", ...notYet]),
    listForm,
  );
  if (fields === undefined) return undefined;
  const before = problems.count;
  const text = textsOf(fields, place, problems);
  const descriptor: ObjectDescriptor = {
    objectName: text("objectName"),
    objectType: text("objectType"),
    objectAlias: text("objectAlias"),
    objectVersion: text("objectVersion"),
    objectVersionLabel: text("objectVersionLabel"),
    filePermission: text("filePermission"),
    failover: readFailover(fields.get("failoverObject")?.value, `${place}.failoverObject`, problems),
  };
  if (descriptor.objectName === "" && problems.count === before) {
    problems.add("LK0003", `${place}.objectName`, "object name must be specified", "write the secret's name or ARN");
  }
  for (const name of notYet) {
    const value = fields.get(name)?.value;
    if (value !== undefined && !isEmpty(value)) refuse(`${place}.${name}`, name, descriptor, problems);
  }
  return problems.count === before ? descriptor : undefined;
}

function readFailover(node: YamlNode | undefined, place: string, problems: Problems): FailoverObject {
  const read = () => (node === undefined ? undefined : sigsFields(node, failoverFields));
  const text = textsOf(problems.attempt(place, read, failoverForm) ?? new Map(), place, problems);
  return {
    objectName: text("objectName"),
    objectVersion: text("objectVersion"),
    objectVersionLabel: text("objectVersionLabel"),
  };
}

const failoverForm = "write a map: { objectName: ... }";

/** Reads a field's text; notes what is none. */
function textsOf(fields: ReadonlyMap<string, YamlField>, place: string, problems: Problems) {
  return (name: string) => problems.attempt(`${place}.${name}`, () => sigsText(fields.get(name)?.value)) ?? "";
}

/** An empty list or map asks for nothing. */
function isEmpty(node: YamlNode): boolean {
  return (node.kind === "list" && node.items.length === 0) || (node.kind === "map" && node.entries.length === 0);
}

function refuse(place: string, field: string, { objectName }: ObjectDescriptor, problems: Problems): void {
  problems.add("LK0004", place, `${field} of ${quoted(objectName)} is not supported yet`, `remove ${field}`);
}
